import { readFileSync } from "node:fs";
import type {
  ChatCompletionCreateParams,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import type { JsonObject, JsonValue } from "../../../../src/json/types.ts";
import { clientCall } from "../../../sealing.ts";

const hello: ChatCompletionMessageParam = { role: "user", content: "hi" };

function decode(fields: Partial<ChatCompletionCreateParams> & Record<string, unknown>): ConversationRequest {
  return openaiChat.decodeRequest(
    { model: "gpt-4o", messages: [hello], ...fields } as unknown as JsonObject,
    clientCall(),
  );
}

function turns(messages: ReadonlyArray<ChatCompletionMessageParam | JsonObject>): readonly Turn[] {
  return decode({ messages: messages as ChatCompletionMessageParam[] }).turns;
}

describe("messages", () => {
  it("keeps system and developer prompts where they stand, with names", () => {
    const decoded = turns([
      { role: "developer", content: "be brief" },
      { role: "user", content: "hi", name: "ann" },
      { role: "system", content: [{ type: "text", text: "a" }] },
    ]);
    expect(decoded.map((turn) => [turn.role, turn.name, turn.at])).toEqual([
      ["system", undefined, "messages[0]"],
      ["user", "ann", "messages[1]"],
      ["system", undefined, "messages[2]"],
    ]);
    expect(decoded[2]?.parts).toEqual([{ kind: "text", text: "a", at: "messages[2].content[0]" }]);
  });

  it.each<[name: string, part: JsonObject, expected: object]>([
    ["text", { type: "text", text: "x" }, { kind: "text", text: "x" }],
    [
      "cache_control",
      { type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } },
      { kind: "text", text: "x", cache: { ttl: "1h" } },
    ],
    [
      "prompt_cache_breakpoint",
      { type: "text", text: "x", prompt_cache_breakpoint: { mode: "explicit" } },
      { kind: "text", text: "x", cache: {} },
    ],
    [
      "an image by URL",
      { type: "image_url", image_url: { url: "https://e.x/a.png", detail: "low" } },
      { kind: "image", source: { kind: "url", url: "https://e.x/a.png" }, detail: "low" },
    ],
    [
      "an image inside",
      { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } },
      { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "QUJD" } },
    ],
    [
      "a bare image URL",
      { type: "image_url", image_url: "https://e.x/a.png" },
      { kind: "image", source: { kind: "url", url: "https://e.x/a.png" } },
    ],
    [
      "audio",
      { type: "input_audio", input_audio: { data: "QQ==", format: "wav" } },
      { kind: "audio", source: { kind: "base64", format: "wav", data: "QQ==" } },
    ],
    [
      "a PDF",
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } },
      {
        kind: "document",
        source: { kind: "base64", mediaType: "application/pdf", data: "JVBE" },
        name: "a.pdf",
      },
    ],
    [
      "a stored file",
      { type: "file", file: { file_id: "f1" } },
      { kind: "document", source: { kind: "file", id: "f1" } },
    ],
    [
      "a part of a kind not known here",
      { type: "video_url", video_url: { url: "u" } },
      { kind: "foreign", dialect: "openai-chat", value: { type: "video_url", video_url: { url: "u" } } },
    ],
  ])("content: %s", (_name, part, expected) => {
    const [turn] = turns([{ role: "user", content: [part] }]);
    expect(turn?.parts).toEqual([{ ...expected, at: "messages[0].content[0]" }]);
  });

  it("matches tool calls with their results, side by side", () => {
    const call = (id: string, args: string) => ({
      id,
      type: "function" as const,
      function: { name: "f", arguments: args },
    });
    const decoded = turns([
      hello,
      { role: "assistant", content: null, tool_calls: [call("a", "{}"), call("b", '{"x": 1}')] },
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "b", content: [{ type: "text", text: "2" }] },
      { role: "user", content: "go on" },
    ]);
    expect(decoded.map((turn) => turn.role)).toEqual(["user", "assistant", "user", "user"]);
    expect(decoded[1]?.parts).toEqual([
      { kind: "tool-call", id: "a", name: "f", arguments: "{}", at: "messages[1].tool_calls[0]" },
      { kind: "tool-call", id: "b", name: "f", arguments: '{"x": 1}', at: "messages[1].tool_calls[1]" },
    ]);
    expect(decoded[2]?.parts).toMatchObject([
      { kind: "tool-result", callId: "a", isError: false, at: "messages[2]", content: [{ text: "1" }] },
      { kind: "tool-result", callId: "b", isError: false, at: "messages[3]", content: [{ text: "2" }] },
    ]);
  });

  it("gives legacy function calls ids that their results share", () => {
    const decoded = turns([
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "1" },
    ]);
    const [call] = decoded[0]?.parts ?? [];
    expect(call).toMatchObject({ kind: "tool-call", name: "f" });
    expect(decoded[1]?.parts[0]).toMatchObject({ kind: "tool-result", callId: (call as { id: string }).id });
  });

  it("restores Anthropic's signed thinking, and knows unsigned reasoning for what it is", () => {
    const blocks = [
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "redacted_thinking", data: "enc" },
    ];
    const decoded = turns([
      { role: "assistant", content: "a", reasoning_content: "hm", thinking_blocks: blocks },
      { role: "assistant", content: "b", reasoning_content: "mm" },
    ]);
    expect(decoded[0]?.parts).toMatchObject([
      { kind: "reasoning", text: "hm", signature: "sig", origin: "anthropic" },
      { kind: "reasoning", text: "", redacted: "enc", origin: "anthropic" },
      { kind: "text", text: "a" },
    ]);
    expect(decoded[1]?.parts).toMatchObject([
      { kind: "reasoning", text: "mm", origin: "openai-chat" },
      { text: "b" },
    ]);
    expect(decoded[1]?.parts[0]).not.toHaveProperty("signature");
  });

  it("keeps refusals, custom calls and audio of the assistant", () => {
    const custom = { id: "c", type: "custom" as const, custom: { name: "sql", input: "select 1" } };
    const [turn] = turns([{ role: "assistant", refusal: "no", audio: { id: "au" }, tool_calls: [custom] }]);
    expect(turn?.parts).toMatchObject([
      { kind: "refusal", text: "no" },
      { kind: "foreign", value: { audio: { id: "au" } } },
      { kind: "foreign", value: custom },
    ]);
  });

  it("reads a recorded request", () => {
    const file = new URL("../../../fixtures/openai-chat/request-tool-history.json", import.meta.url);
    const decoded = openaiChat.decodeRequest(
      JSON.parse(readFileSync(file, "utf8")) as JsonObject,
      clientCall(),
    );
    expect(decoded.turns.map((turn) => [turn.role, turn.parts.map((part) => part.kind)])).toEqual([
      ["user", ["text"]],
      ["assistant", ["tool-call"]],
      ["user", ["tool-result"]],
      ["assistant", ["text"]],
      ["user", ["text"]],
    ]);
    expect(decoded.tools).toMatchObject([{ name: "get_capital", strict: true, at: "tools[0]" }]);
  });
});

describe("fields", () => {
  it.each<[name: string, fields: Record<string, unknown>, expected: object]>([
    ["stop as text", { stop: "x" }, { stop: ["x"] }],
    ["stop as list", { stop: ["x", "y"] }, { stop: ["x", "y"] }],
    [
      "null is absent",
      { stop: null, temperature: null, tools: null, stream: null },
      { stop: [], stream: false },
    ],
    ["max_tokens", { max_tokens: 5 }, { maxOutputTokens: 5, paths: { maxOutputTokens: "max_tokens" } }],
    [
      "max_completion_tokens wins",
      { max_tokens: 5, max_completion_tokens: 6 },
      { maxOutputTokens: 6, paths: { maxOutputTokens: "max_completion_tokens" } },
    ],
    [
      "n, seed, logprobs",
      { n: 2, seed: 7, logprobs: true, top_logprobs: 3 },
      { candidates: 2, seed: 7, logprobs: true, topLogprobs: 3 },
    ],
    ["effort", { reasoning_effort: "low" }, { reasoning: { enabled: true, effort: "low" } }],
    ["no effort", { reasoning_effort: "none" }, { reasoning: { enabled: false, effort: "none" } }],
    [
      "Anthropic's thinking",
      { thinking: { type: "enabled", budget_tokens: 4000 } },
      { reasoning: { enabled: true, budget: 4000 }, paths: { reasoning: "thinking" } },
    ],
    ["JSON mode", { response_format: { type: "json_object" } }, { output: { kind: "json" } }],
    [
      "JSON schema",
      {
        response_format: {
          type: "json_schema",
          json_schema: { name: "n", schema: { type: "object" }, strict: true },
        },
      },
      { output: { kind: "json-schema", name: "n", schema: { type: "object" }, strict: true } },
    ],
    [
      "usage asked",
      { stream: true, stream_options: { include_usage: true } },
      { stream: true, includeUsage: true },
    ],
    ["usage without a stream", { stream_options: { include_usage: true } }, { includeUsage: false }],
    ["user", { user: "u", service_tier: "flex" }, { user: "u", serviceTier: "flex" }],
    [
      "own and unknown fields",
      { logit_bias: { "1": 2 }, metadata: { a: "b" }, vendor_thing: [1], store: null },
      { extra: { logit_bias: { "1": 2 }, metadata: { a: "b" }, vendor_thing: [1] } },
    ],
  ])("%s", (_name, fields, expected) => {
    expect(decode(fields)).toMatchObject(expected);
  });
});

it("names what it did not read, inside messages and tools too", () => {
  const { extra } = decode({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "x", vendor: 1 },
          { type: "odd", vendor: 2 },
        ],
        weight: 0,
      } as never,
    ],
    tools: [{ type: "function", function: { name: "f", vendor: true }, priority: 1 } as never],
  });
  expect(extra).toEqual({
    "messages[0].content[0].vendor": 1,
    "messages[0].weight": 0,
    "tools[0].function.vendor": true,
    "tools[0].priority": 1,
  });
});

describe("tools", () => {
  const f = { type: "function" as const, function: { name: "f", parameters: { type: "object" } } };
  const g = {
    type: "function" as const,
    function: { name: "g", description: "d" },
    cache_control: { type: "ephemeral" },
  };
  const custom = { type: "custom" as const, custom: { name: "c" } };

  it("takes a tool without a type for a function", () => {
    expect(decode({ tools: [{ function: f.function }] as never }).tools).toEqual([
      { name: "f", parameters: { type: "object" }, at: "tools[0]" },
    ]);
  });

  it("decodes functions, keeps custom tools", () => {
    const decoded = decode({ tools: [f, g, custom], parallel_tool_calls: false });
    expect(decoded.tools).toEqual([
      { name: "f", parameters: { type: "object" }, at: "tools[0]" },
      { name: "g", description: "d", cache: {}, at: "tools[1]" },
    ]);
    expect(decoded.foreignTools).toEqual([{ dialect: "openai-chat", value: custom, at: "tools[2]" }]);
    expect(decoded.parallelToolCalls).toBe(false);
  });

  it.each<[name: string, choice: JsonValue, expected: object]>([
    ["auto", "auto", { toolChoice: { kind: "auto" } }],
    ["none", "none", { toolChoice: { kind: "none" } }],
    ["required", "required", { toolChoice: { kind: "required" } }],
    [
      "a function",
      { type: "function", function: { name: "g" } },
      { toolChoice: { kind: "tool", name: "g" } },
    ],
    [
      "allowed tools",
      {
        type: "allowed_tools",
        allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "g" } }] },
      },
      { toolChoice: { kind: "required" }, tools: [{ name: "g" }], foreignTools: [] },
    ],
    [
      "a custom tool",
      { type: "custom", custom: { name: "c" } },
      { extra: { tool_choice: { type: "custom" } } },
    ],
  ])("choice: %s", (_name, choice, expected) => {
    expect(decode({ tools: [f, g, custom], tool_choice: choice as never })).toMatchObject(expected);
  });

  it("decodes legacy functions", () => {
    const decoded = decode({ functions: [{ name: "f" }], function_call: { name: "f" } });
    expect(decoded).toMatchObject({
      tools: [{ name: "f", at: "functions[0]" }],
      toolChoice: { kind: "tool", name: "f" },
      paths: { tools: "functions" },
    });
  });
});

describe("faults are told with their path", () => {
  it.each<[path: string, fields: Record<string, unknown>]>([
    ["messages", { messages: [] }],
    ["messages", { messages: "hi" }],
    ["messages[0]", { messages: [1] }],
    ["messages[0].role", { messages: [{ content: "x" }] }],
    ["messages[0].role", { messages: [{ role: "robot", content: "x" }] }],
    ["messages[0].content", { messages: [{ role: "user", content: 1 }] }],
    ["messages[0].content[1].type", { messages: [{ role: "user", content: ["a", {}] }] }],
    ["messages[0].content[0].text", { messages: [{ role: "user", content: [{ type: "text" }] }] }],
    ["messages[0].content[0].image_url", { messages: [{ role: "user", content: [{ type: "image_url" }] }] }],
    ["messages[0].tool_call_id", { messages: [{ role: "tool", content: "x" }] }],
    [
      "messages[0].tool_calls[0].id",
      { messages: [{ role: "assistant", tool_calls: [{ function: { name: "f" } }] }] },
    ],
    ["messages[0].tool_calls[0].function", { messages: [{ role: "assistant", tool_calls: [{ id: "a" }] }] }],
    ["messages[0].name", { messages: [{ role: "function", name: "f", content: "x" }] }],
    ["model", { model: 1 }],
    ["temperature", { temperature: "hot" }],
    ["stop[1]", { stop: ["a", 1] }],
    ["tools[0].function.name", { tools: [{ type: "function", function: {} }] }],
    ["tool_choice", { tool_choice: "maybe" }],
    ["reasoning_effort", { reasoning_effort: "huge" }],
    ["response_format.type", { response_format: { type: "xml" } }],
    [
      "response_format.json_schema.schema",
      { response_format: { type: "json_schema", json_schema: { name: "n" } } },
    ],
    ["stream", { stream: "yes" }],
  ])("%s", (path, fields) => {
    expect(() => decode(fields)).toThrow(InvalidRequestError);
    expect(() => decode(fields)).toThrow(expect.objectContaining({ path, status: 400 }));
  });
});
