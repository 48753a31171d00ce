import { readFileSync } from "node:fs";
import type { ChatCompletion } from "openai/resources/chat/completions";
import { describe, expect, it } from "vitest";
import type { Answer, Candidate, FinishReason } from "../../../../src/conversation/answer.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall, redactedBy, seal, signedBy } from "../../../sealing.ts";

const context = { model: "asked", includeUsage: false, now: 7, newId: () => "n".repeat(24), seal };

const fixture = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../fixtures/openai-chat/${name}`, import.meta.url), "utf8"),
  ) as JsonObject;

function encode(candidate: Partial<Candidate>, answer: Partial<Answer> = {}) {
  const losses = new Losses();
  const body = openaiChat.encodeAnswer(
    {
      id: "msg_1",
      model: "claude",
      candidates: [{ parts: [], finish: "stop", ...candidate }],
      usage: noUsage,
      dialect: "anthropic",
      ...answer,
    },
    context,
    losses,
  ) as unknown as ChatCompletion;
  return { body, choice: body.choices[0], losses: losses.entries.map((loss) => `${loss.how} ${loss.path}`) };
}

function decodeMessage(message: JsonObject, finish = "stop"): Candidate | undefined {
  const body = { id: "chatcmpl-1", model: "m", choices: [{ index: 0, message, finish_reason: finish }] };
  return openaiChat.decodeAnswer(body).candidates[0];
}

describe("decoding", () => {
  it("reads recorded answers", () => {
    expect(openaiChat.decodeAnswer(fixture("tool-call.json"))).toEqual({
      id: "chatcmpl-D3kPQGP4gKFnSPcUDdUkW8eHgjgod",
      model: "gpt-4o-mini-2024-07-18",
      created: 1769785752,
      candidates: [
        {
          parts: [
            {
              kind: "tool-call",
              id: "call_NihFwNUckQ2eDoE0a9OQaO5l",
              name: "get_capital",
              arguments: '{"country":"England"}',
            },
          ],
          finish: "tool-calls",
        },
      ],
      usage: { ...noUsage, input: 104, output: 15 },
      serviceTier: "default",
      dialect: "openai-chat",
    });
    expect(openaiChat.decodeAnswer(fixture("reasoning.json")).usage).toEqual({
      ...noUsage,
      input: 7,
      output: 87,
      reasoning: 64,
    });
  });

  it.each<[name: string, message: JsonObject, finish: string, expected: object]>([
    ["nothing", { content: null }, "content_filter", { parts: [], finish: "refusal" }],
    [
      "a refusal",
      { content: null, refusal: "no" },
      "stop",
      { parts: [{ kind: "refusal", text: "no" }], finish: "refusal" },
    ],
    [
      "reasoning",
      { content: "x", reasoning_content: "hm" },
      "stop",
      {
        parts: [
          { kind: "reasoning", text: "hm", origin: "openai-chat" },
          { kind: "text", text: "x" },
        ],
      },
    ],
    [
      "content as parts",
      {
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      "stop",
      { parts: [{ text: "ab" }] },
    ],
    [
      "citations",
      { content: "x", annotations: [{ type: "url_citation" }] },
      "stop",
      { parts: [{ annotations: { dialect: "openai-chat", items: [{ type: "url_citation" }] } }] },
    ],
    [
      "the legacy call",
      { content: null, function_call: { name: "f", arguments: "{}" } },
      "function_call",
      { parts: [{ kind: "tool-call", id: "call_chatcmpl1_0", name: "f" }], finish: "tool-calls" },
    ],
    [
      "a forced call without id",
      { content: null, tool_calls: [{ type: "function", function: { name: "f", arguments: "{}" } }] },
      "stop",
      { parts: [{ kind: "tool-call", id: "call_chatcmpl1_0" }], finish: "tool-calls" },
    ],
    ["audio", { content: null, audio: { id: "a", data: "QQ==" } }, "stop", { parts: [{ kind: "foreign" }] }],
    ["cut off", { content: "x" }, "length", { finish: "length" }],
  ])("%s", (_name, message, finish, expected) => {
    expect(decodeMessage(message, finish)).toMatchObject(expected);
  });

  it("refuses what is not an answer", () => {
    for (const body of [
      {},
      { choices: [] },
      { choices: [{}] },
      { error: { message: "x" } },
    ] as JsonObject[]) {
      expect(() => openaiChat.decodeAnswer(body)).toThrow(Error);
    }
  });
});

describe("encoding", () => {
  it("gives what the SDK's type demands", () => {
    const usage = { ...noUsage, input: 10, output: 5, cacheRead: 4, cacheWrite: 2, reasoning: 3 };
    const { body, losses } = encode(
      {
        parts: [
          { kind: "text", text: "a" },
          { kind: "text", text: "b" },
        ],
      },
      { usage },
    );
    expect(body).toEqual({
      id: "msg_1",
      object: "chat.completion",
      created: 7,
      model: "asked",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "ab", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0, cache_write_tokens: 2 },
        completion_tokens_details: {
          reasoning_tokens: 3,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
    });
    expect(losses).toEqual([]);
  });

  it.each<[name: string, parts: Part[], message: object, losses: string[]]>([
    [
      "another provider's thinking, marked as such",
      [
        { kind: "reasoning", text: "hm", origin: "gemini", signature: "s" },
        { kind: "reasoning", text: "", redacted: "enc", origin: "openai-responses" },
      ],
      {
        content: null,
        reasoning_content: "hm",
        thinking_blocks: [
          { type: "thinking", thinking: "hm", signature: signedBy("gemini", "s", "hm") },
          { type: "redacted_thinking", data: redactedBy("openai-responses", "enc") },
        ],
      },
      [],
    ],
    [
      "thinking, signed and redacted",
      [
        { kind: "reasoning", text: "hm", signature: "s", origin: "anthropic" },
        { kind: "reasoning", text: "", redacted: "enc", origin: "anthropic" },
        { kind: "text", text: "x" },
      ],
      {
        content: "x",
        reasoning_content: "hm",
        thinking_blocks: [
          { type: "thinking", thinking: "hm", signature: signedBy("anthropic", "s", "hm") },
          { type: "redacted_thinking", data: redactedBy("anthropic", "enc") },
        ],
      },
      [],
    ],
    [
      "calls alone",
      [{ kind: "tool-call", id: "toolu_1", name: "f", arguments: "{}" }],
      {
        content: null,
        tool_calls: [{ id: "toolu_1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      [],
    ],
    ["a refusal", [{ kind: "refusal", text: "no" }], { content: null, refusal: "no" }, []],
    [
      "foreign content and citations",
      [
        { kind: "foreign", dialect: "anthropic", value: { type: "server_tool_use" } },
        {
          kind: "text",
          text: "x",
          annotations: { dialect: "anthropic", items: [{ type: "char_location" }] },
        },
      ],
      { content: "x" },
      ["dropped choices[0].message", "dropped choices[0].message.content"],
    ],
  ])("%s", (_name, parts, message, losses) => {
    const encoded = encode({ parts });
    expect(encoded.choice?.message).toMatchObject(message);
    expect(encoded.losses).toEqual(losses);
  });

  it.each<[reason: FinishReason, parts: Part[], expected: string]>([
    ["stop", [], "stop"],
    ["length", [], "length"],
    ["context", [], "length"],
    ["tool-calls", [], "tool_calls"],
    ["pause", [], "stop"],
    ["refusal", [], "content_filter"],
    ["refusal", [{ kind: "refusal", text: "no" }], "stop"],
  ])("finish %s", (finish, parts, expected) => {
    expect(encode({ finish, parts }).choice?.finish_reason).toBe(expected);
  });

  it.each([
    ["priority", { service_tier: "priority" }],
    ["on_demand", {}],
  ])("service tier %s", (serviceTier, shown) => {
    const { body } = encode({}, { serviceTier, dialect: "openai-chat" });
    expect("service_tier" in body ? { service_tier: body["service_tier"] } : {}).toEqual(shown);
  });

  it("returns the turn that it gave, thinking included", () => {
    const parts: Part[] = [
      { kind: "reasoning", text: "hm", signature: "s", origin: "anthropic" },
      { kind: "text", text: "x" },
      { kind: "tool-call", id: "toolu_1", name: "f", arguments: "{}" },
    ];
    const message = encode({ parts, finish: "tool-calls" }).choice?.message as unknown as JsonObject;
    const { turns } = openaiChat.decodeRequest({ model: "m", messages: [message] }, clientCall());
    expect(turns[0]?.parts.map(({ at: _, ...part }) => part)).toEqual(parts);
  });

  it("tells which stop sequence cannot be shown", () => {
    expect(encode({ stopSequence: "END" }).losses).toEqual(["dropped choices[0].stop_sequence"]);
  });
});
