import { readdirSync, readFileSync } from "node:fs";
import type { Message, TextBlock } from "@anthropic-ai/sdk/resources/messages";
import { describe, expect, it } from "vitest";
import type { Answer, FinishReason } from "../../../../src/conversation/answer.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { encodeContext } from "../../../encode-context.ts";
import { lossList } from "./requests.ts";

const fixtures = new URL("../../../fixtures/anthropic/", import.meta.url);
const recorded = readdirSync(fixtures).filter((name) => /^(?!error-)[a-z-]+\.json$/.test(name));

function answer(parts: readonly Part[], finish: FinishReason = "stop", fields: Partial<Answer> = {}): Answer {
  return {
    id: "chatcmpl-1",
    model: "gpt",
    candidates: [{ parts, finish }],
    usage: noUsage,
    dialect: "openai-chat",
    ...fields,
  };
}

function encode(given: Answer): { message: Message; losses: string[] } {
  const losses = new Losses();
  const message = anthropic.encodeAnswer(given, encodeContext, losses) as unknown as Message;
  return { message, losses: lossList(losses.entries) };
}

describe.each(recorded)("%s", (name) => {
  const body: JsonObject = JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));
  const decoded = anthropic.decodeAnswer(body);

  it("decodes", () => {
    expect(decoded).toMatchSnapshot();
  });

  it("survives encoding and decoding again", () => {
    const { message, losses } = encode(decoded);
    expect(losses).toEqual([]);
    const again = anthropic.decodeAnswer(message as unknown as JsonObject);
    const asText = (value: Answer) =>
      JSON.parse(JSON.stringify(value).replaceAll('"kind":"refusal"', '"kind":"text"'));
    expect(asText({ ...again, model: decoded.model })).toEqual(asText(decoded));
  });
});

it("has every member that the SDK's type has", () => {
  const parts: Part[] = [
    { kind: "reasoning", text: "hm", origin: "openai-chat" },
    { kind: "text", text: "Hi" },
    { kind: "tool-call", id: "call:1", name: "f", arguments: '{"a":1}' },
  ];
  const usage = {
    ...noUsage,
    input: 100,
    cacheRead: 60,
    cacheWrite: 30,
    cacheWriteHour: 10,
    output: 9,
    reasoning: 4,
  };
  const { message, losses } = encode(answer(parts, "tool-calls", { usage, serviceTier: "default" }));
  expect(losses).toEqual([]);
  const expected: Message = {
    id: `msg_${"x".repeat(24)}`,
    type: "message",
    role: "assistant",
    model: "asked",
    container: null,
    diagnostics: null,
    content: [
      { type: "thinking", thinking: "hm", signature: "tollgate:openai-chat:" },
      // The SDK says that there are citations always; Anthropic leaves them out.
      { type: "text", text: "Hi" } as TextBlock,
      { type: "tool_use", id: "call_1", name: "f", caller: { type: "direct" }, input: { a: 1 } },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    stop_details: null,
    usage: {
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
      server_tool_use: null,
      service_tier: "standard",
      inference_geo: null,
      speed: null,
    },
  };
  expect(message).toEqual(expected);
});

describe("stop reasons, both ways", () => {
  const table: [FinishReason, string | undefined, string][] = [
    ["stop", undefined, "end_turn"],
    ["stop", "END", "stop_sequence"],
    ["length", undefined, "max_tokens"],
    ["context", undefined, "model_context_window_exceeded"],
    ["tool-calls", undefined, "tool_use"],
    ["refusal", undefined, "refusal"],
    ["pause", undefined, "pause_turn"],
  ];
  it.each(table)("%s %s", (finish, stopSequence, reason) => {
    const candidate = { parts: [], finish, ...(stopSequence !== undefined && { stopSequence }) };
    const { message } = encode({ ...answer([]), candidates: [candidate] });
    expect(message).toMatchObject({ stop_reason: reason, stop_sequence: stopSequence ?? null });
    expect(anthropic.decodeAnswer(message as unknown as JsonObject).candidates).toEqual([candidate]);
  });

  it("a refusal that ends with stop is a refusal", () => {
    const { message } = encode(answer([{ kind: "refusal", text: "No." }]));
    expect(message).toMatchObject({
      content: [{ type: "text", text: "No." }],
      stop_reason: "refusal",
      stop_details: { type: "refusal" },
    });
  });
});

describe("what a message cannot hold", () => {
  it("is listed", () => {
    const parts: Part[] = [
      { kind: "audio", source: { kind: "base64", format: "wav", data: "AA==" } },
      { kind: "text", text: "", annotations: { dialect: "openai-chat", items: [{}] } },
      { kind: "foreign", dialect: "openai-chat", value: {} },
      { kind: "tool-call", id: "", name: "f", arguments: "{oops" },
    ];
    const first = { parts, finish: "stop", logprobs: {} } as const;
    const { message, losses } = encode({ ...answer([]), candidates: [first, first] });
    expect(message.content).toEqual([
      {
        type: "tool_use",
        id: `toolu_${"x".repeat(24)}`,
        name: "f",
        caller: { type: "direct" },
        input: { _raw: "{oops" },
      },
    ]);
    expect(losses).toEqual([
      "dropped candidates",
      "dropped logprobs",
      "dropped content[0]",
      "dropped content[1].annotations",
      "dropped content[2]",
      "approximated content[3]",
    ]);
  });
});

it.each([{}, { type: "error" }, { id: "x", model: "m", content: "Hi" }])("%j is no answer", (body) => {
  expect(() => anthropic.decodeAnswer(body)).toThrow();
});
