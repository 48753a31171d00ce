import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";
import { describe, expect, it } from "vitest";
import { type Loss, Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { type EncodeTarget, noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import { neutralRequest } from "../../conversation/neutral-request.ts";

const user: Turn = { role: "user", parts: [{ kind: "text", text: "hi" }], at: "messages[0]" };

/** What an Anthropic client asked, unless told otherwise. */
function encode(
  fields: Partial<ConversationRequest>,
  quirks: Quirks = noQuirks,
  model = "vendor-model",
): { body: ChatCompletionCreateParams & Record<string, unknown>; losses: readonly Loss[] } {
  const request = neutralRequest({
    model: "claude",
    turns: [user],
    dialect: "anthropic",
    paths: { maxOutputTokens: "max_tokens", stop: "stop_sequences" },
    ...fields,
  });
  const target: EncodeTarget = { model, quirks };
  const losses = new Losses();
  const body = openaiChat.encodeRequest(request, target, losses);
  return {
    body: body as unknown as ChatCompletionCreateParams & Record<string, unknown>,
    losses: losses.entries,
  };
}

const paths = (losses: readonly Loss[]) => losses.map((loss) => `${loss.how} ${loss.path}`);

function messages(role: Turn["role"], parts: readonly Part[]) {
  const before: Turn[] = role === "assistant" ? [] : [user];
  const after: Turn[] = role === "assistant" ? [user] : [];
  const { body, losses } = encode({ turns: [...before, { role, parts, at: "messages[1]" }, ...after] });
  return {
    list: role === "assistant" ? body.messages.slice(0, -1) : body.messages.slice(1),
    losses: paths(losses),
  };
}

describe("messages", () => {
  it.each<[name: string, role: Turn["role"], parts: Part[], expected: object[], losses: string[]]>([
    ["one text is a string", "system", [{ kind: "text", text: "a" }], [{ role: "system", content: "a" }], []],
    [
      "several are a list",
      "user",
      [
        { kind: "text", text: "a" },
        { kind: "text", text: "b" },
      ],
      [
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
        },
      ],
      [],
    ],
    [
      "a cache marker",
      "user",
      [{ kind: "text", text: "a", cache: { ttl: "5m" }, at: "messages[1].content[0]" }],
      [{ role: "user", content: "a" }],
      ["approximated messages[1].content[0].cache_control"],
    ],
    [
      "images",
      "user",
      [
        { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "QQ==" } },
        { kind: "image", source: { kind: "url", url: "https://e.x/a" }, detail: "high" },
        { kind: "image", source: { kind: "file", id: "f" }, at: "messages[1].content[2]" },
      ],
      [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } },
            { type: "image_url", image_url: { url: "https://e.x/a", detail: "high" } },
          ],
        },
      ],
      ["dropped messages[1].content[2]"],
    ],
    [
      "documents",
      "user",
      [
        {
          kind: "document",
          source: { kind: "base64", mediaType: "application/pdf", data: "QQ==" },
          name: "a.pdf",
        },
        {
          kind: "document",
          source: { kind: "text", text: "plain" },
          name: "n",
          at: "messages[1].content[1]",
        },
        {
          kind: "document",
          source: { kind: "base64", mediaType: "text/plain", data: "aMOp" },
          at: "messages[1].content[2]",
        },
        { kind: "document", source: { kind: "url", url: "u" }, at: "messages[1].content[3]" },
        { kind: "document", source: { kind: "file", id: "f" }, at: "messages[1].content[4]" },
      ],
      [
        {
          role: "user",
          content: [
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,QQ==" } },
            { type: "text", text: "n\n\nplain" },
            { type: "text", text: "hé" },
          ],
        },
      ],
      [
        "approximated messages[1].content[1]",
        "approximated messages[1].content[2]",
        "dropped messages[1].content[3]",
        "dropped messages[1].content[4]",
      ],
    ],
    [
      "audio of a format that OpenAI knows",
      "user",
      [
        { kind: "audio", source: { kind: "base64", data: "QQ==", format: "mp3" } },
        {
          kind: "audio",
          source: { kind: "base64", data: "QQ==", format: "ogg" },
          at: "messages[1].content[1]",
        },
      ],
      [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "QQ==", format: "mp3" } }] }],
      ["dropped messages[1].content[1]"],
    ],
    ...(["system", "assistant"] as const).map((role): [string, Turn["role"], Part[], object[], string[]] => [
      `words alone are said by the ${role}`,
      role,
      [
        { kind: "text", text: "a" },
        { kind: "image", source: { kind: "url", url: "u" }, at: "messages[1].content[1]" },
        {
          kind: "document",
          source: { kind: "base64", mediaType: "application/pdf", data: "QQ==" },
          at: "messages[1].content[2]",
        },
        {
          kind: "audio",
          source: { kind: "base64", data: "QQ==", format: "wav" },
          at: "messages[1].content[3]",
        },
      ],
      [{ role, content: "a" }],
      [1, 2, 3].map((index) => `dropped messages[1].content[${index}]`),
    ]),
    [
      "a foreign part alone leaves no message",
      "user",
      [
        {
          kind: "foreign",
          dialect: "anthropic",
          value: { type: "search_result" },
          at: "messages[1].content[0]",
        },
      ],
      [],
      ["dropped messages[1].content[0]"],
    ],
    [
      "thinking and calls",
      "assistant",
      [
        { kind: "reasoning", text: "hm", signature: "s", origin: "anthropic", at: "messages[1].content[0]" },
        { kind: "text", text: "let me see" },
        { kind: "tool-call", id: "toolu_1", name: "f", arguments: "{}" },
        { kind: "tool-call", id: "toolu_2", name: "g", arguments: "" },
      ],
      [
        {
          role: "assistant",
          content: "let me see",
          tool_calls: [
            { id: "toolu_1", type: "function", function: { name: "f", arguments: "{}" } },
            { id: "toolu_2", type: "function", function: { name: "g", arguments: "{}" } },
          ],
        },
      ],
      ["dropped messages[1].content[0]"],
    ],
    [
      "calls alone have no content",
      "assistant",
      [{ kind: "tool-call", id: "a", name: "f", arguments: "{}" }],
      [
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
        },
      ],
      [],
    ],
    [
      "thinking alone leaves an empty message",
      "assistant",
      [{ kind: "reasoning", text: "hm", origin: "anthropic", at: "messages[1].content[0]" }],
      [{ role: "assistant", content: "" }],
      ["dropped messages[1].content[0]"],
    ],
    [
      "results first, images and prose behind them",
      "user",
      [
        {
          kind: "tool-result",
          callId: "a",
          isError: true,
          at: "messages[1].content[0]",
          content: [
            { kind: "text", text: "1" },
            { kind: "image", source: { kind: "url", url: "u" } },
          ],
        },
        { kind: "text", text: "so?" },
        { kind: "tool-result", callId: "b", isError: false, content: [] },
      ],
      [
        { role: "tool", tool_call_id: "a", content: "1" },
        { role: "tool", tool_call_id: "b", content: "" },
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "u" } },
            { type: "text", text: "so?" },
          ],
        },
      ],
      ["approximated messages[1].content[0].is_error", "approximated messages[1].content[0]"],
    ],
  ])("%s", (_name, role, parts, expected, losses) => {
    expect(messages(role, parts)).toEqual({ list: expected, losses });
  });

  it("shortens long call ids the same way everywhere, and leaves short ones", () => {
    const long = `toolu_${"x".repeat(60)}`;
    const { body } = encode({
      turns: [
        user,
        {
          role: "assistant",
          at: "messages[1]",
          parts: [{ kind: "tool-call", id: long, name: "f", arguments: "{}" }],
        },
        {
          role: "user",
          at: "messages[2]",
          parts: [{ kind: "tool-result", callId: long, content: [], isError: false }],
        },
      ],
    });
    const [, assistant, result] = body.messages as unknown as Array<Record<string, unknown>>;
    const [call] = (assistant?.["tool_calls"] ?? []) as Array<{ id: string }>;
    expect(call?.id).toHaveLength(40);
    expect(result?.["tool_call_id"]).toBe(call?.id);
    expect(encode({}).body.messages).toEqual([{ role: "user", content: "hi" }]);
  });

  it("brings results directly behind their calls", () => {
    const call = (id: string): Part => ({ kind: "tool-call", id, name: "f", arguments: "{}" });
    const result = (callId: string): Part => ({ kind: "tool-result", callId, content: [], isError: false });
    const turns: Turn[] = [
      user,
      { role: "assistant", at: "messages[1]", parts: [call("a")] },
      { role: "assistant", at: "messages[2]", parts: [{ kind: "text", text: "and" }, call("b")] },
      { role: "user", at: "messages[3]", parts: [result("a"), result("b")] },
    ];
    const roles = (dialect: "anthropic" | "openai-chat") =>
      encode({ turns, dialect }).body.messages.map(({ role }) => role);
    expect(roles("anthropic")).toEqual(["user", "assistant", "tool", "tool"]);
    expect(encode({ turns }).body.messages[1]).toMatchObject({ content: "and", tool_calls: [{}, {}] });
    // What its own clients send stands.
    expect(roles("openai-chat")).toEqual(["user", "assistant", "assistant", "tool", "tool"]);
  });

  it("tells that a last assistant turn is not continued", () => {
    const last: Turn = { role: "assistant", parts: [{ kind: "text", text: "{" }], at: "messages[1]" };
    expect(paths(encode({ turns: [user, last] }).losses)).toEqual(["approximated messages[1]"]);
    expect(encode({ turns: [user, last], dialect: "openai-chat" }).losses).toEqual([]);
  });
});

describe("fields", () => {
  const parameters = { type: "object", properties: {}, additionalProperties: false };
  const tool = { name: "f", description: "d", parameters, strict: true, at: "tools[0]" };
  const encodedTool = {
    type: "function",
    function: { name: "f", description: "d", parameters, strict: true },
  };
  const open = { type: "object", properties: { a: { type: "string" } } };
  it.each<[name: string, fields: Partial<ConversationRequest>, expected: object, losses: string[]]>([
    ["the target's model", {}, { model: "vendor-model" }, []],
    ["the limit", { maxOutputTokens: 9 }, { max_completion_tokens: 9 }, []],
    [
      "usage is always asked of streams",
      { stream: true },
      { stream: true, stream_options: { include_usage: true } },
      [],
    ],
    [
      "tools",
      { tools: [tool], parallelToolCalls: false },
      { tools: [encodedTool], parallel_tool_calls: false },
      [],
    ],
    [
      "a tool that is stricter than OpenAI can be",
      { tools: [{ name: "f", parameters: open, strict: true, at: "tools[0]" }] },
      { tools: [{ type: "function", function: { name: "f", parameters: open } }] },
      ["approximated tools[0].strict"],
    ],
    [
      "a strict tool of a client of OpenAI",
      {
        dialect: "openai-responses",
        tools: [{ name: "f", parameters: open, strict: true, at: "tools[0]" }],
      },
      { tools: [{ type: "function", function: { name: "f", parameters: open, strict: true } }] },
      [],
    ],
    [
      "a tool whose root is no object",
      { tools: [{ name: "f", parameters: { anyOf: [open] }, at: "tools[0]" }] },
      {
        tools: [
          {
            type: "function",
            function: {
              name: "f",
              parameters: { ...open, description: `{anyOf: ${JSON.stringify([open])}}` },
            },
          },
        ],
      },
      ["approximated tools[0].parameters"],
    ],
    [
      "a cached tool",
      { tools: [{ ...tool, cache: {} }] },
      { tools: [encodedTool] },
      ["approximated tools[0].cache_control"],
    ],
    [
      "a foreign tool, and the choice that was for it",
      {
        foreignTools: [{ dialect: "anthropic", value: { type: "bash_20250124" }, at: "tools[0]" }],
        toolChoice: { kind: "required" },
        parallelToolCalls: true,
      },
      { model: "vendor-model" },
      ["dropped tools[0]", "dropped tool_choice"],
    ],
    [
      "a choice",
      { tools: [tool], toolChoice: { kind: "tool", name: "f" } },
      { tool_choice: { type: "function", function: { name: "f" } } },
      [],
    ],
    ["any tool", { tools: [tool], toolChoice: { kind: "required" } }, { tool_choice: "required" }, []],
    [
      "stops",
      { stop: ["a", "b", "c", "d", "e"] },
      { stop: ["a", "b", "c", "d"] },
      ["approximated stop_sequences"],
    ],
    ["top_k", { topK: 5 }, { model: "vendor-model" }, ["dropped top_k"]],
    [
      "a budget",
      { reasoning: { enabled: true, budget: 10_000 } },
      { reasoning_effort: "high" },
      ["approximated reasoning"],
    ],
    [
      "a small budget",
      { reasoning: { enabled: true, budget: 1024 } },
      { reasoning_effort: "low" },
      ["approximated reasoning"],
    ],
    ["an effort", { reasoning: { enabled: true, effort: "medium" } }, { reasoning_effort: "medium" }, []],
    [
      "a schema",
      { output: { kind: "json-schema", schema: { type: "object" } } },
      {
        response_format: { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } },
      },
      [],
    ],
    [
      "JSON mode, with the word that OpenAI wants to read",
      { output: { kind: "json" } },
      {
        messages: [
          { role: "system", content: "Answer with one valid JSON object and nothing else." },
          { role: "user", content: "hi" },
        ],
        response_format: { type: "json_object" },
      },
      [],
    ],
    [
      "JSON mode of a client that said the word",
      {
        output: { kind: "json" },
        turns: [{ role: "user", parts: [{ kind: "text", text: "as Json" }], at: "messages[0]" }],
      },
      { messages: [{ role: "user", content: "as Json" }] },
      [],
    ],
    [
      "a tier that only a vendor has",
      { serviceTier: "on_demand", dialect: "openai-responses" },
      { model: "vendor-model" },
      ["dropped service_tier"],
    ],
    ["the ordinary tier", { serviceTier: "standard_only" }, { service_tier: "default" }, []],
    [
      "extra fields of another dialect",
      { extra: { container: "c" } },
      { model: "vendor-model" },
      ["dropped container"],
    ],
    [
      "own extra fields",
      { dialect: "openai-chat", extra: { logit_bias: { "1": 1 } }, topK: 5 },
      { logit_bias: { "1": 1 }, top_k: 5 },
      [],
    ],
  ])("%s", (_name, fields, expected, losses) => {
    const result = encode(fields);
    expect(result.body).toMatchObject(expected);
    expect(paths(result.losses)).toEqual(losses);
  });

  it("sends nothing that was not asked", () => {
    expect(encode({}).body).toEqual({ model: "vendor-model", messages: [{ role: "user", content: "hi" }] });
    const off = encode({
      reasoning: { enabled: false },
      toolChoice: { kind: "auto" },
      parallelToolCalls: true,
    });
    expect(off.body).toEqual({ model: "vendor-model", messages: [{ role: "user", content: "hi" }] });
  });

  it("applies quirks, and reports as lost only what the client had asked", () => {
    const quirks = {
      unsupported: ["stream_options", "seed", "stop"],
      renamed: { max_completion_tokens: "max_tokens" },
    };
    const { body, losses } = encode({ stream: true, seed: 1, stop: ["x"], maxOutputTokens: 3 }, quirks);
    expect(body).toEqual({
      model: "vendor-model",
      messages: [{ role: "user", content: "hi" }],
      stream: true,
      max_tokens: 3,
    });
    expect(paths(losses)).toEqual(["dropped seed", "dropped stop_sequences"]);
  });
});

describe("models", () => {
  const asked = {
    temperature: 0.2,
    topP: 1,
    stop: ["x"],
    reasoning: { enabled: true, effort: "max" },
  } as const;
  const lost = ["dropped temperature", "dropped stop_sequences"];
  it.each<[model: string, expected: object, losses: string[]]>([
    ["gpt-4o-mini", { temperature: 0.2, top_p: 1, stop: ["x"] }, ["dropped reasoning_effort"]],
    ["gpt-5-chat-latest", { temperature: 0.2, top_p: 1, stop: ["x"] }, ["dropped reasoning_effort"]],
    ["o4-mini", { reasoning_effort: "high" }, ["approximated reasoning_effort", ...lost]],
    ["openai/gpt-5", { reasoning_effort: "high" }, ["approximated reasoning_effort", ...lost]],
    ["gpt-5.2", { reasoning_effort: "xhigh" }, ["approximated reasoning_effort", ...lost]],
    ["mistral-large", { temperature: 0.2, top_p: 1, stop: ["x"], reasoning_effort: "max" }, []],
  ])("%s takes what it can", (model, expected, losses) => {
    const encoded = encode(asked, noQuirks, model);
    expect(encoded.body).toEqual({ model, messages: [{ role: "user", content: "hi" }], ...expected });
    expect(paths(encoded.losses)).toEqual(losses);
    const own = encode({ ...asked, dialect: "openai-chat" }, noQuirks, model);
    expect(own.body).toMatchObject({ temperature: 0.2, reasoning_effort: "max" });
  });

  it("keeps sampling when thinking is off", () => {
    const off = encode(
      { temperature: 0.2, reasoning: { enabled: false, effort: "none" } },
      noQuirks,
      "gpt-5.1",
    );
    expect(off.body).toMatchObject({ temperature: 0.2, reasoning_effort: "none" });
  });
});
