import { describe, expect, it } from "vitest";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall } from "../../../sealing.ts";
import { assistant, decode, encode, gpt5, user } from "./requests.ts";

const input = (turns: readonly Turn[], fields: Partial<ConversationRequest> = {}) => {
  const { body, losses } = encode({ turns: [...turns, user("and?")], ...fields });
  return { items: (body["input"] as JsonObject[]).slice(0, -1), losses };
};
const call: Part = { kind: "tool-call", id: "c1", name: "f", arguments: "" };
const result = (content: Part[], isError = false): Part => ({
  kind: "tool-result",
  callId: "c1",
  content,
  isError,
});

describe("turns", () => {
  it("begin with instructions where they are one text", () => {
    const system: Turn = { role: "system", parts: [{ kind: "text", text: "be brief" }], at: "system" };
    expect(encode({ turns: [system, user("Hi")] }).body).toMatchObject({
      instructions: "be brief",
      input: [{ role: "user", content: "Hi" }],
    });
    const { body } = encode({ turns: [system] });
    expect(body["instructions"]).toBeUndefined();
    expect(body["input"]).toEqual([{ role: "system", content: "be brief" }]);
    expect(encode({ turns: [user("Hi"), system] }).body["input"]).toEqual([
      { role: "user", content: "Hi" },
      { role: "system", content: "be brief" },
    ]);
  });

  it.each<[name: string, turn: Turn, items: object[], losses: string[]]>([
    ["one text", assistant("yes"), [{ role: "assistant", content: "yes" }], []],
    [
      "texts and a refusal",
      assistant("yes", { kind: "refusal", text: "no" }),
      [
        {
          type: "message",
          id: "msg_0_0",
          status: "completed",
          role: "assistant",
          content: [
            { type: "output_text", text: "yes", annotations: [] },
            { type: "refusal", refusal: "no" },
          ],
        },
      ],
      [],
    ],
    [
      "reasoning of its own, then a call",
      assistant(
        { kind: "reasoning", text: "hm", origin: "openai-responses", signature: "rs_1:gAAA" },
        { kind: "reasoning", text: "", origin: "openai-responses", redacted: "gBBB" },
        call,
      ),
      [
        {
          type: "reasoning",
          id: "rs_1",
          summary: [{ type: "summary_text", text: "hm" }],
          encrypted_content: "gAAA",
        },
        { type: "reasoning", summary: [], encrypted_content: "gBBB" },
        { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
      ],
      [],
    ],
    [
      "another's reasoning",
      assistant({ kind: "reasoning", text: "hm", origin: "anthropic", signature: "s" }, "yes"),
      [{ role: "assistant", content: "yes" }],
      ["dropped messages[1]"],
    ],
    [
      "reasoning that proves nothing",
      assistant({ kind: "reasoning", text: "hm", origin: "openai-responses" }),
      [],
      ["dropped messages[1]"],
    ],
    [
      "a result of text",
      user(result([{ kind: "text", text: "1" }])),
      [{ type: "function_call_output", call_id: "c1", output: "1" }],
      [],
    ],
    [
      "a result with an image, and an error",
      user(
        result(
          [
            { kind: "text", text: "see" },
            { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "QUJD" } },
          ],
          true,
        ),
        "so?",
      ),
      [
        {
          type: "function_call_output",
          call_id: "c1",
          output: [
            { type: "input_text", text: "see" },
            { type: "input_image", image_url: "data:image/png;base64,QUJD", detail: "auto" },
          ],
        },
        { role: "user", content: "so?" },
      ],
      ["approximated messages[0].is_error"],
    ],
    [
      "documents",
      user(
        { kind: "document", source: { kind: "base64", mediaType: "application/pdf", data: "QUJD" } },
        { kind: "document", source: { kind: "url", url: "https://e.x/a.pdf" }, name: "a" },
        { kind: "document", source: { kind: "text", text: "t" }, name: "n" },
        { kind: "document", source: { kind: "file", id: "f" } },
        { kind: "audio", source: { kind: "base64", format: "wav", data: "QUJD" } },
      ),
      [
        {
          role: "user",
          content: [
            {
              type: "input_file",
              filename: "document.pdf",
              file_data: "data:application/pdf;base64,QUJD",
            },
            { type: "input_file", file_url: "https://e.x/a.pdf", filename: "a" },
            { type: "input_text", text: "n\n\nt" },
          ],
        },
      ],
      ["approximated messages[0]", "dropped messages[0]", "dropped messages[0]"],
    ],
    [
      "what only another dialect knows",
      user({ kind: "foreign", dialect: "anthropic", value: { type: "search_result" } }),
      [],
      ["dropped messages[0]"],
    ],
    [
      "cache markers and names",
      { role: "user", name: "ann", at: "messages[0]", parts: [{ kind: "text", text: "x", cache: {} }] },
      [{ role: "user", content: "x" }],
      ["dropped messages[0].name", "approximated messages[0].cache_control"],
    ],
  ])("%s", (_, turn, items, losses) => {
    const encoded = input([turn]);
    expect(encoded.items).toEqual(items);
    expect(encoded.losses).toEqual(losses);
  });

  it("have calls of long ids answered by the same ids", () => {
    const id = "call_".padEnd(80, "x");
    const { items } = input([assistant({ ...call, id }), user({ ...result([]), callId: id } as Part)]);
    expect(items[0]?.["call_id"]).toBe(items[1]?.["call_id"]);
    expect(String(items[0]?.["call_id"]).length).toBeLessThanOrEqual(64);
  });

  it("that end with the model are not continued", () => {
    expect(encode({ turns: [user("Hi"), assistant("Well")] }).losses).toEqual(["approximated messages[1]"]);
  });
});

describe("fields", () => {
  const tools = [{ name: "f", at: "tools[0]" }];
  const rows: Array<
    [name: string, fields: Partial<ConversationRequest>, expected: object, losses: string[], model?: string]
  > = [
    ["keep nothing", {}, { store: false }, []],
    ["limit", { maxOutputTokens: 50 }, { max_output_tokens: 50 }, []],
    ["smallest limit", { maxOutputTokens: 5 }, { max_output_tokens: 16 }, ["approximated max_tokens"]],
    ["sampling", { temperature: 0.5, topP: 0.9 }, { temperature: 0.5, top_p: 0.9 }, []],
    [
      "what the API has not",
      { stop: ["x"], seed: 1, candidates: 2, topK: 3, frequencyPenalty: 1, presencePenalty: 1 },
      {},
      ["stop", "n", "seed", "top_k", "frequency_penalty", "presence_penalty"].map(
        (name) => `dropped ${name}`,
      ),
    ],
    ["nothing in particular", { candidates: 1, frequencyPenalty: 0 }, {}, []],
    ["stream", { stream: true }, { stream: true }, []],
    [
      "tools",
      { tools, toolChoice: { kind: "tool", name: "f" }, parallelToolCalls: false },
      {
        tools: [
          { type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false },
        ],
        tool_choice: { type: "function", name: "f" },
        parallel_tool_calls: false,
      },
      [],
    ],
    [
      "a strict tool without parameters",
      { tools: [{ name: "f", strict: true, at: "tools[0]" }] },
      {
        tools: [
          {
            type: "function",
            name: "f",
            parameters: { type: "object", properties: {}, required: [], additionalProperties: false },
            strict: true,
          },
        ],
      },
      [],
    ],
    [
      "a tool that is stricter than OpenAI can be",
      { tools: [{ name: "f", parameters: { type: "object" }, strict: true, at: "tools[0]" }] },
      {
        tools: [
          { type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false },
        ],
      },
      ["approximated tools[0].strict"],
    ],
    [
      "a choice without tools",
      { toolChoice: { kind: "required" }, parallelToolCalls: true },
      { tool_choice: undefined, parallel_tool_calls: undefined },
      ["dropped tool_choice"],
    ],
    [
      "another's tools",
      { foreignTools: [{ dialect: "anthropic", value: { type: "bash" }, at: "tools[0]" }] },
      { tools: undefined },
      ["dropped tools[0]"],
    ],
    [
      "a schema",
      { output: { kind: "json-schema", schema: { type: "object" }, strict: true } },
      { text: { format: { type: "json_schema", name: "answer", schema: { type: "object" } } } },
      ["approximated output"],
    ],
    [
      "log probabilities",
      { logprobs: true, topLogprobs: 2 },
      { top_logprobs: 2, include: ["message.output_text.logprobs"] },
      [],
    ],
    [
      "log probabilities of one that thinks",
      { logprobs: true, topLogprobs: 2, temperature: 0.5 },
      { top_logprobs: undefined, temperature: undefined, include: ["reasoning.encrypted_content"] },
      ["dropped temperature", "dropped logprobs", "dropped top_logprobs"],
      gpt5,
    ],
    [
      "an effort",
      { reasoning: { enabled: true, effort: "high" } },
      { reasoning: { effort: "high", summary: "auto" }, include: ["reasoning.encrypted_content"] },
      [],
      gpt5,
    ],
    [
      "an effort of a chat client",
      { reasoning: { enabled: true, effort: "high" }, dialect: "openai-chat" },
      { reasoning: { effort: "high" } },
      [],
      gpt5,
    ],
    [
      "a budget",
      { reasoning: { enabled: true, budget: 1024 } },
      { reasoning: { effort: "low", summary: "auto" } },
      ["approximated reasoning"],
      gpt5,
    ],
    ["no thinking", { reasoning: { enabled: false } }, { reasoning: undefined }, [], gpt5],
    [
      "an effort of one that does not think",
      { reasoning: { enabled: true, effort: "high" } },
      { reasoning: undefined, include: undefined },
      ["dropped reasoning_effort"],
    ],
    ["an unknown model, not asked to think", {}, { include: undefined }, [], "my-model"],
    [
      "an unknown model, asked to think",
      { reasoning: { enabled: true } },
      { reasoning: { summary: "auto" }, include: ["reasoning.encrypted_content"] },
      [],
      "my-model",
    ],
    ["the user", { user: "u" }, { user: "u" }, []],
    ["a long user", { user: "u".repeat(65) }, {}, ["approximated user"]],
    ["a tier", { serviceTier: "standard_only" }, { service_tier: "default" }, []],
    [
      "what both APIs of OpenAI know",
      { dialect: "openai-chat", extra: { metadata: { a: "b" }, verbosity: "low", logit_bias: {} } },
      { metadata: { a: "b" }, text: { verbosity: "low" } },
      ["dropped logit_bias"],
    ],
    ["another's fields", { extra: { container: "c" } }, {}, ["dropped container"]],
  ];
  it.each(rows)("%s", (_, fields, expected, losses, model = "gpt-4o") => {
    const encoded = encode(fields, { model });
    expect(encoded.body).toMatchObject(
      Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)),
    );
    for (const [name, value] of Object.entries(expected)) {
      if (value === undefined) expect(encoded.body).not.toHaveProperty(name);
    }
    expect(encoded.losses).toEqual(losses);
  });

  it("too long a user is the same one every time, and fits", () => {
    const { body } = encode({ user: "u".repeat(150) });
    expect(body["user"]).toMatch(/^[0-9a-f]{64}$/);
    expect(encode({ user: "u".repeat(150) }).body["user"]).toBe(body["user"]);
  });

  it("of a vendor are renamed or left out, ours without a loss", () => {
    const quirks = { unsupported: ["store", "temperature"], renamed: { max_output_tokens: "max_tokens" } };
    const { body, losses } = encode({ temperature: 1, maxOutputTokens: 99 }, { quirks });
    expect(body).toEqual({ model: "gpt-4o", input: [{ role: "user", content: "Hi" }], max_tokens: 99 });
    expect(losses).toEqual(["dropped temperature"]);
  });

  it("of this dialect's own clients go back as they were", () => {
    const fields = {
      metadata: { a: "b" },
      max_tool_calls: 2,
      text: { verbosity: "low" },
      truncation: "auto",
    };
    const request = decode(fields as Record<string, unknown>);
    const { body, losses } = encode(request);
    expect(body).toMatchObject(fields);
    expect(losses).toEqual([]);
  });
});

it("what is written for OpenAI, it would understand", () => {
  const { body } = encode({ turns: [user("Hi"), assistant("Yo", call), user(result([]))] });
  expect(openaiResponses.decodeRequest(body, clientCall()).turns.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "user",
  ]);
});
