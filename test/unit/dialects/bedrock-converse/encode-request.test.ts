import { describe, expect, it } from "vitest";
import type { ConversationRequest } from "../../../../src/conversation/request.ts";
import { assistant, call, encode, type models, result, text, tool, user } from "./requests.ts";

type Model = keyof typeof models;
type Row = readonly [
  name: string,
  over: Partial<ConversationRequest>,
  model: Model,
  body: object,
  losses: string[],
];

const history = [user(text("Go")), assistant(call("a", "f"), call("b", "g")), user(result("a"), result("b"))];
const schema = { type: "object", properties: { a: { type: "number", minimum: 3 } } };
const spec = (name: string) => ({
  toolSpec: { name, inputSchema: { json: { type: "object", properties: {} } } },
});
const plain = { toolSpec: { name: "f", inputSchema: { json: { type: "object", properties: {} } } } };

const rows: readonly Row[] = [
  ["nothing that was not asked for", {}, "claude", {}, []],
  [
    "limits and sampling",
    { maxOutputTokens: 10, temperature: 0.5, topP: 0.9, stop: ["END"] },
    "nova",
    { inferenceConfig: { maxTokens: 10, temperature: 0.5, topP: 0.9, stopSequences: ["END"] } },
    [],
  ],
  [
    "a temperature that ends at 1",
    { temperature: 1.7 },
    "llama",
    { inferenceConfig: { temperature: 1 } },
    ["temperature approximated"],
  ],
  [
    "no temperature beside top-p for newer Claude",
    { temperature: 0.2, topP: 0.5 },
    "claude",
    { inferenceConfig: { temperature: 0.2 } },
    ["top_p dropped"],
  ],
  [
    "which stop sequence Claude met",
    { stop: ["END"], stream: true },
    "claude",
    {
      inferenceConfig: { stopSequences: ["END"] },
      additionalModelResponseFieldPaths: ["/delta/stop_sequence"],
    },
    [],
  ],
  ["top-k of Claude", { topK: 5 }, "claude", { additionalModelRequestFields: { top_k: 5 } }, []],
  [
    "top-k of Nova",
    { topK: 5 },
    "nova",
    { additionalModelRequestFields: { inferenceConfig: { topK: 5 } } },
    [],
  ],
  ["top-k of others", { topK: 5 }, "llama", {}, ["top_k dropped"]],
  [
    "thinking of Claude, by budget",
    { reasoning: { enabled: true, budget: 2000 }, maxOutputTokens: 5000 },
    "claude",
    {
      inferenceConfig: { maxTokens: 5000 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2000 } },
    },
    [],
  ],
  [
    "thinking of newer Claude, by effort",
    { reasoning: { enabled: true, effort: "high" } },
    "opus",
    { additionalModelRequestFields: { thinking: { type: "adaptive" }, output_config: { effort: "high" } } },
    [],
  ],
  [
    "no thinking of Claude when a tool is forced",
    {
      reasoning: { enabled: true, budget: 2000 },
      maxOutputTokens: 5000,
      tools: [tool("f")],
      toolChoice: { kind: "required" },
    },
    "claude",
    { inferenceConfig: { maxTokens: 5000 }, toolConfig: { tools: [plain], toolChoice: { any: {} } } },
    ["reasoning_effort dropped"],
  ],
  [
    "no thinking of Claude in the middle of calls that it did not think about",
    { reasoning: { enabled: true, budget: 2000 }, maxOutputTokens: 5000, turns: history },
    "claude",
    { inferenceConfig: { maxTokens: 5000 }, toolConfig: { tools: [spec("f"), spec("g")] } },
    ["reasoning_effort dropped"],
  ],
  [
    "effort of gpt-oss",
    { reasoning: { enabled: true, effort: "xhigh" } },
    "oss",
    { additionalModelRequestFields: { reasoning_effort: "high" } },
    ["reasoning_effort approximated"],
  ],
  [
    "effort of Qwen",
    { reasoning: { enabled: true, effort: "low" } },
    "qwen",
    { additionalModelRequestFields: { reasoning_config: "low" } },
    [],
  ],
  [
    "effort of Nova 2",
    { reasoning: { enabled: true, effort: "high" } },
    "nova2",
    { additionalModelRequestFields: { reasoningConfig: { type: "enabled", maxReasoningEffort: "high" } } },
    [],
  ],
  [
    "less effort of Nova 2 under a limit",
    { reasoning: { enabled: true, effort: "high" }, maxOutputTokens: 100 },
    "nova2",
    {
      inferenceConfig: { maxTokens: 100 },
      additionalModelRequestFields: { reasoningConfig: { type: "enabled", maxReasoningEffort: "medium" } },
    },
    ["reasoning_effort approximated"],
  ],
  [
    "thinking of models that do not",
    { reasoning: { enabled: true } },
    "llama",
    {},
    ["reasoning_effort dropped"],
  ],
  ["thinking turned off", { reasoning: { enabled: false } }, "llama", {}, []],
  [
    "a forced tool",
    { tools: [tool("f")], toolChoice: { kind: "tool", name: "f" } },
    "claude",
    { toolConfig: { tools: [plain], toolChoice: { tool: { name: "f" } } } },
    [],
  ],
  [
    "any tool where one cannot be named",
    { tools: [tool("f")], toolChoice: { kind: "tool", name: "f" } },
    "mistral",
    { toolConfig: { tools: [plain], toolChoice: { any: {} } } },
    ["tool_choice approximated"],
  ],
  [
    "no forced tool where none can be",
    { tools: [tool("f")], toolChoice: { kind: "required" } },
    "llama",
    { toolConfig: { tools: [plain] } },
    ["tool_choice approximated"],
  ],
  [
    "no tools when none may be called",
    { tools: [tool("f")], toolChoice: { kind: "none" } },
    "claude",
    {},
    ["tool_choice approximated"],
  ],
  [
    "the tools all the same when the history has calls",
    { tools: [tool("f")], toolChoice: { kind: "none" }, turns: history },
    "claude",
    { toolConfig: { tools: [plain] } },
    ["tool_choice approximated"],
  ],
  [
    "tools from the history when none are given",
    { turns: history, toolChoice: { kind: "required" } },
    "llama",
    { toolConfig: { tools: [spec("f"), spec("g")] } },
    ["tool_choice dropped"],
  ],
  [
    "one call at a time, in Claude's own words",
    { tools: [tool("f")], toolChoice: { kind: "tool", name: "f" }, parallelToolCalls: false },
    "claude",
    {
      toolConfig: { tools: [plain] },
      additionalModelRequestFields: {
        tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
      },
    },
    [],
  ],
  [
    "calls in parallel that cannot be forbidden",
    { tools: [tool("f")], parallelToolCalls: false },
    "nova",
    { toolConfig: { tools: [plain] } },
    ["parallel_tool_calls dropped"],
  ],
  [
    "a strict tool",
    { tools: [{ ...tool("f"), parameters: schema, strict: true }] },
    "claude",
    {
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: "f",
              strict: true,
              inputSchema: {
                json: {
                  type: "object",
                  additionalProperties: false,
                  properties: { a: { type: "number", description: "{minimum: 3}" } },
                },
              },
            },
          },
        ],
      },
    },
    ["tools[0].strict approximated"],
  ],
  [
    "a strict tool for others",
    { tools: [{ ...tool("f"), strict: true }] },
    "nova",
    { toolConfig: { tools: [plain] } },
    ["tools[0].strict dropped"],
  ],
  [
    "a tool of another provider",
    { foreignTools: [{ dialect: "anthropic", value: { type: "web_search_20250305" }, at: "tools[1]" }] },
    "claude",
    {},
    ["tools[1] dropped"],
  ],
  [
    "the end user and labels",
    { user: "u-1", extra: { metadata: { team: "a b", odd: "{}" } } },
    "claude",
    { requestMetadata: { user: "u-1", team: "a b" } },
    ["metadata.odd dropped"],
  ],
  ["an end user's id of a form that is refused", { user: '{"id":1}' }, "claude", {}, ["user dropped"]],
  ["a service tier", { serviceTier: "flex" }, "claude", { serviceTier: { type: "flex" } }, []],
  [
    "a service tier of Anthropic's",
    { serviceTier: "standard_only" },
    "claude",
    { serviceTier: { type: "default" } },
    [],
  ],
  ["no service tier that Bedrock lacks", { serviceTier: "scale" }, "claude", {}, ["service_tier dropped"]],
  [
    "Bedrock's own fields as they are",
    {
      extra: {
        guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
        performanceConfig: { latency: "optimized" },
        additionalModelRequestFields: { anthropic_beta: ["x"] },
      },
    },
    "claude",
    {
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      performanceConfig: { latency: "optimized" },
      additionalModelRequestFields: { anthropic_beta: ["x"] },
    },
    [],
  ],
  [
    "none of what Bedrock does not know",
    {
      candidates: 2,
      seed: 1,
      logprobs: true,
      topLogprobs: 3,
      frequencyPenalty: 1,
      presencePenalty: 1,
      extra: { logit_bias: {}, "messages[0].name": "x" },
    },
    "claude",
    {},
    [
      ...["n", "seed", "logprobs", "top_logprobs", "frequency_penalty", "presence_penalty"],
      ...["logit_bias", "messages[0].name"],
    ].map((path) => `${path} dropped`),
  ],
];

describe("a request says", () => {
  it.each(rows)("%s", (_, over, model, expected, lost) => {
    const { body, losses } = encode(over, model);
    const { messages: _messages, ...rest } = body;
    expect(rest).toEqual(expected);
    expect(losses).toEqual(lost);
  });
});

describe("the form of the answer", () => {
  const output = { kind: "json-schema", name: "City", schema: { type: "object", properties: {} } } as const;

  it("is a schema in a text where the model takes one", () => {
    const { body } = encode({ output }, "claude");
    expect(body["outputConfig"]).toEqual({
      textFormat: {
        type: "json_schema",
        structure: {
          jsonSchema: {
            name: "City",
            schema: '{"type":"object","properties":{},"additionalProperties":false}',
          },
        },
      },
    });
  });

  it.each(["opus", "nova", "llama"] as const)("is an instruction for %s", (model) => {
    const { body, losses } = encode({ output }, model);
    expect(body["outputConfig"]).toBeUndefined();
    expect(JSON.stringify(body["system"])).toContain("JSON schema");
    expect(losses).toEqual(["response_format approximated"]);
  });

  it("and JSON of any form is an instruction for all", () => {
    const { body, losses } = encode({ output: { kind: "json" } });
    expect(JSON.stringify(body["system"])).toContain("valid JSON object");
    expect(losses).toEqual(["response_format approximated"]);
  });
});

describe("cache markers", () => {
  const marked = { ...text("long"), cache: {}, at: "messages[0].content[0]" };
  const hour = { ...marked, cache: { ttl: "1h" } };

  it("are blocks behind what they mark", () => {
    const { body, losses } = encode({ turns: [user(hour, text("?"))], tools: [{ ...tool("f"), cache: {} }] });
    expect(body["messages"]).toEqual([
      {
        role: "user",
        content: [{ text: "long" }, { cachePoint: { type: "default", ttl: "1h" } }, { text: "?" }],
      },
    ]);
    expect(body["toolConfig"]).toEqual({ tools: [plain, { cachePoint: { type: "default" } }] });
    expect(losses).toEqual([]);
  });

  it("are four at most, the last ones", () => {
    const { body, losses } = encode({
      turns: [user(...Array.from({ length: 6 }, (_, i) => ({ ...marked, text: `t${i}` })))],
    });
    expect(
      JSON.stringify(body["messages"])
        .match(/text|cachePoint"/g)
        ?.join(" ")
        .replaceAll('"', ""),
    ).toBe("text text text cachePoint text cachePoint text cachePoint text cachePoint");
    expect(losses).toEqual(Array(2).fill("messages[0].content[0].cache_control dropped"));
  });

  it.each([
    ["llama", ["tools[0].cache_control dropped", "messages[0].content[0].cache_control dropped"]],
    ["claude3", ["tools[0].cache_control dropped", "messages[0].content[0].cache_control dropped"]],
    ["nova", ["tools[0].cache_control dropped", "messages[0].content[0].cache_control.ttl approximated"]],
  ] as const)("for %s are reported where it takes none", (model, lost) => {
    const { losses } = encode({ turns: [user(hour)], tools: [{ ...tool("f"), cache: {} }] }, model);
    expect(losses).toEqual(lost);
  });
});

describe("limits of the target", () => {
  it("names of tools that Bedrock refuses are refused here", () => {
    expect(() => encode({ tools: [tool("a.b")] })).toThrow(
      expect.objectContaining({ path: "tools[0].name" }),
    );
  });

  it("quirks take fields away and rename them", () => {
    const quirks = { unsupported: ["topP", "serviceTier"], renamed: { maxTokens: "maxTokenCount" } };
    expect(() => encode({ topP: 0.5, maxOutputTokens: 5, serviceTier: "flex" }, "nova", quirks)).toThrow(
      /maxTokenCount/,
    );
    const { body, losses } = encode({ topP: 0.5, serviceTier: "flex" }, "nova", quirks);
    expect(body).not.toHaveProperty("serviceTier");
    expect(losses).toEqual(["serviceTier dropped", "topP dropped"]);
  });
});
