import { describe, expect, it } from "vitest";
import type { Answer, FinishReason } from "../../../../src/conversation/answer.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import type { EncodeContext } from "../../../../src/dialects/dialect.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { decodeLogprobs, encodeLogprobs } from "../../../../src/dialects/gemini/logprobs.ts";
import { decodeUsage, encodeUsage } from "../../../../src/dialects/gemini/usage.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall, seal } from "../../../sealing.ts";

const context: EncodeContext = { model: "asked", includeUsage: true, now: 1, newId: () => "new", seal };
const answer = (candidate: JsonObject, more: JsonObject = {}) =>
  gemini.decodeAnswer({ responseId: "r", modelVersion: "m", candidates: [candidate], ...more });
const text = (finishReason: string): JsonObject => ({ content: { parts: [{ text: "x" }] }, finishReason });

describe("why it stopped", () => {
  it.each<[string, FinishReason]>([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "refusal"],
    ["RECITATION", "refusal"],
    ["LANGUAGE", "refusal"],
    ["BLOCKLIST", "refusal"],
    ["PROHIBITED_CONTENT", "refusal"],
    ["SPII", "refusal"],
    ["IMAGE_SAFETY", "refusal"],
    ["MALFORMED_FUNCTION_CALL", "refusal"],
    ["UNEXPECTED_TOOL_CALL", "refusal"],
    ["OTHER", "refusal"],
    ["SOMETHING_NEW", "stop"],
  ])("%s", (reason, expected) => expect(answer(text(reason)).candidates[0]?.finish).toBe(expected));

  it("is its calls, which end with STOP", () => {
    const calling = { content: { parts: [{ functionCall: { name: "f" } }] }, finishReason: "STOP" };
    expect(answer(calling).candidates[0]).toEqual({
      parts: [{ kind: "tool-call", id: "call_r_0", name: "f", arguments: "{}" }],
      finish: "tool-calls",
    });
  });

  it("is told in words where Google has some", () => {
    const malformed = {
      finishReason: "MALFORMED_FUNCTION_CALL",
      finishMessage: "Malformed function call: f(",
    };
    expect(answer(malformed).candidates[0]?.parts).toEqual([
      { kind: "refusal", text: "Malformed function call: f(" },
    ]);
  });

  it.each<[FinishReason, string]>([
    ["stop", "STOP"],
    ["tool-calls", "STOP"],
    ["length", "MAX_TOKENS"],
    ["context", "MAX_TOKENS"],
    ["pause", "STOP"],
    ["refusal", "SAFETY"],
  ])("%s is %s", (finish, expected) => {
    const losses = new Losses();
    const encoded = gemini.encodeAnswer(
      { id: "", model: "m", candidates: [{ parts: [], finish }], usage: noUsage, dialect: "anthropic" },
      context,
      losses,
    );
    expect(encoded).toMatchObject({
      candidates: [{ finishReason: expected }],
      responseId: "new",
      modelVersion: "asked",
    });
    expect(losses.entries).toHaveLength(finish === "pause" || finish === "context" ? 1 : 0);
  });

  it("is a refusal where OpenAI ended one with a stop", () => {
    const refused: Answer = {
      id: "r",
      model: "m",
      candidates: [{ parts: [{ kind: "refusal", text: "No." }], finish: "stop" }],
      usage: noUsage,
      dialect: "openai-chat",
    };
    expect(gemini.encodeAnswer(refused, context, new Losses())).toMatchObject({
      candidates: [{ content: { parts: [{ text: "No." }] }, finishReason: "SAFETY" }],
    });
  });
});

describe("an answer", () => {
  it("without content is one all the same", () => {
    expect(answer({ finishReason: "MAX_TOKENS" }).candidates).toEqual([{ parts: [], finish: "length" }]);
    expect(answer({ content: {}, finishReason: "SAFETY" }).candidates).toEqual([
      { parts: [], finish: "refusal" },
    ]);
  });

  it("without candidates is a refusal when the prompt was blocked, and none at all otherwise", () => {
    const blocked = gemini.decodeAnswer({ promptFeedback: { blockReason: "SAFETY" } });
    expect(blocked.candidates).toEqual([
      { parts: [{ kind: "refusal", text: "The prompt was blocked: SAFETY." }], finish: "refusal" },
    ]);
    expect(() => gemini.decodeAnswer({ usageMetadata: {} })).toThrow("candidates are missing");
    expect(() => gemini.decodeAnswer({ error: {} })).toThrow();
  });

  it("has ids for all its calls, unlike in every candidate", () => {
    const calling = {
      content: { parts: [{ functionCall: { name: "f" } }, { functionCall: { name: "f" } }] },
    };
    const { candidates } = gemini.decodeAnswer({ responseId: "r-1", candidates: [calling, calling] });
    const ids = candidates.flatMap(({ parts }) => parts.map((part) => part.kind === "tool-call" && part.id));
    expect(ids).toEqual(["call_r1_0", "call_r1_1", "call_r11_0", "call_r11_1"]);
  });

  it("keeps citations with its text, and gives them back", () => {
    const cited = {
      content: { parts: [{ text: "x" }], role: "model" },
      finishReason: "STOP",
      groundingMetadata: { webSearchQueries: ["q"] },
    };
    const decoded = answer(cited);
    expect(decoded.candidates[0]?.parts).toEqual([
      {
        kind: "text",
        text: "x",
        annotations: { dialect: "gemini", items: [{ groundingMetadata: { webSearchQueries: ["q"] } }] },
      },
    ]);
    expect(gemini.encodeAnswer(decoded, context, new Losses())).toMatchObject({ candidates: [cited] });
  });

  it("of another provider keeps its reasoning, marked", () => {
    const losses = new Losses();
    const encoded = gemini.encodeAnswer(
      {
        id: "r",
        model: "m",
        candidates: [
          {
            parts: [
              { kind: "reasoning", text: "hm", origin: "anthropic", signature: "SIG=" },
              { kind: "reasoning", text: "", origin: "anthropic", redacted: "DATA" },
              { kind: "reasoning", text: "plain", origin: "openai-chat" },
              { kind: "text", text: "x" },
            ],
            finish: "stop",
          },
        ],
        usage: noUsage,
        dialect: "anthropic",
      },
      context,
      losses,
    );
    const [candidate] = encoded["candidates"] as [{ content: JsonObject }];
    const back = gemini.decodeRequest(
      { contents: [{ role: "user", parts: [{ text: "?" }] }, candidate.content] as JsonObject[] },
      clientCall("/v1/models/m:generateContent"),
    );
    expect(back.turns[1]?.parts).toMatchObject([
      { kind: "reasoning", text: "hm", origin: "anthropic", signature: "SIG=" },
      { kind: "reasoning", text: "", origin: "anthropic", redacted: "DATA" },
      { kind: "reasoning", text: "plain", origin: "openai-chat" },
      { kind: "text", text: "x" },
    ]);
    expect(losses.entries).toEqual([]);
    // Google's SDK for Python writes base64 in the URL's alphabet.
    const urlSafe = JSON.stringify(candidate.content).replaceAll("+", "-");
    expect(JSON.parse(urlSafe)).toBeDefined();
  });
});

describe("usage", () => {
  it.each<[string, JsonObject, object]>([
    [
      "thoughts are output, tools' results input",
      {
        promptTokenCount: 17,
        toolUsePromptTokenCount: 102,
        candidatesTokenCount: 241,
        thoughtsTokenCount: 412,
        totalTokenCount: 772,
        cachedContentTokenCount: 16,
      },
      { input: 119, output: 653, reasoning: 412, cacheRead: 16 },
    ],
    [
      "thoughts that only the total has",
      { promptTokenCount: 86, candidatesTokenCount: 1, totalTokenCount: 537 },
      { input: 86, output: 451, reasoning: 0 },
    ],
    ["no answer yet", { promptTokenCount: 9, totalTokenCount: 9 }, { input: 9, output: 0 }],
    [
      "audio",
      {
        promptTokenCount: 30,
        totalTokenCount: 30,
        promptTokensDetails: [
          { modality: "TEXT", tokenCount: 10 },
          { modality: "AUDIO", tokenCount: 20 },
        ],
      },
      { input: 30, audioInput: 20 },
    ],
    [
      "nonsense",
      { promptTokenCount: -4, candidatesTokenCount: 1.5, totalTokenCount: 2 },
      { input: 0, output: 2 },
    ],
  ])("%s", (_, given, expected) => expect(decodeUsage(given)).toMatchObject(expected));

  it("is none where none is told", () => {
    expect(decodeUsage({ trafficType: "ON_DEMAND" })).toBeUndefined();
    expect(decodeUsage(undefined)).toBeUndefined();
  });

  it("survives", () => {
    const usage = { ...noUsage, input: 100, output: 50, reasoning: 20, cacheRead: 30, audioInput: 5 };
    expect(decodeUsage(encodeUsage(usage))).toEqual(usage);
  });
});

describe("log probabilities", () => {
  it("take OpenAI's form, and Google's again", () => {
    const own = {
      topCandidates: [
        {
          candidates: [
            { token: "é", logProbability: -0.1 },
            { token: "b", logProbability: -3 },
          ],
        },
      ],
      chosenCandidates: [{ token: "é", logProbability: -0.1 }],
    };
    const decoded = decodeLogprobs(own);
    expect(decoded).toEqual({
      content: [
        {
          token: "é",
          logprob: -0.1,
          bytes: [195, 169],
          top_logprobs: [
            { token: "é", logprob: -0.1, bytes: [195, 169] },
            { token: "b", logprob: -3, bytes: [98] },
          ],
        },
      ],
      refusal: null,
    });
    expect(encodeLogprobs(decoded)).toEqual(own);
    expect(decodeLogprobs({})).toBeUndefined();
    expect(encodeLogprobs("odd")).toBeUndefined();
  });
});
