import { describe, expect, it } from "vitest";
import type { Candidate } from "../../../../src/conversation/answer.ts";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import { noQuirks } from "../../../../src/dialects/dialect.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import { openaiCompletions } from "../../../../src/dialects/openai-completions/index.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { translateRequest } from "../../../../src/translation/translate.ts";
import { clientCall, seal } from "../../../sealing.ts";

const plain = { model: "gpt-3.5-turbo-instruct", prompt: "Say" };
const context = { model: "asked", includeUsage: true, now: 7, newId: () => "n".repeat(24), seal };

describe("a prompt", () => {
  it("is a user's message, answered within the 16 tokens that the API documents", () => {
    expect(
      openaiCompletions.decodeRequest({ ...plain, n: 2, stop: ["\n"], logit_bias: { "1": 2 } }),
    ).toMatchObject({
      model: "gpt-3.5-turbo-instruct",
      turns: [{ role: "user", parts: [{ kind: "text", text: "Say" }] }],
      maxOutputTokens: 16,
      candidates: 2,
      stop: ["\n"],
      extra: { logit_bias: { "1": 2 } },
    });
  });

  it.each<[string, JsonObject, string]>([
    ["no prompt", { model: "m" }, "prompt is required."],
    ["an empty prompt", { ...plain, prompt: "" }, "prompt is empty"],
    ["several prompts", { ...plain, prompt: ["a", "b"] }, "takes no several prompts"],
    ["tokens", { ...plain, prompt: [1, 2] }, "takes no prompts as tokens"],
    ["lists of tokens", { ...plain, prompt: [[1, 2]] }, "takes no prompts as tokens"],
  ])("cannot be %s", (_, body, message) => {
    expect(() => openaiCompletions.decodeRequest(body)).toThrow(message);
    expect(() => openaiCompletions.decodeRequest(body)).toThrow(InvalidRequestError);
  });

  it("goes as it is to a server of prompts, several of them and tokens too", () => {
    const body = '{ "prompt": [[1,2],[3]], "model":"a", "stream":true }';
    const document = parseDocument(Buffer.from(body));
    const never = () => expect.unreachable("nothing is decoded");
    const encode = { model: "b", quirks: noQuirks };
    const sent = translateRequest(openaiCompletions, openaiCompletions, document, never, encode);
    expect(Buffer.from(sent.body).toString()).toBe(
      '{ "prompt": [[1,2],[3]], "model":"b", "stream":true,"stream_options":{"include_usage":true} }',
    );
    expect(sent.losses).toEqual([]);
  });

  it("is written from a single message of text, and from nothing else", () => {
    const losses = new Losses();
    const chat = (more: JsonObject) =>
      openaiChat.decodeRequest(
        { model: "m", messages: [{ role: "user", content: "Say" }], ...more },
        clientCall(),
      );
    const target = { model: "davinci-002", quirks: noQuirks };
    const request = chat({ max_tokens: 5, top_k: 3, metadata: { a: "b" } });
    expect(openaiCompletions.encodeRequest(request, target, losses)).toEqual({
      model: "davinci-002",
      prompt: "Say",
      max_tokens: 5,
    });
    expect(losses.entries.map(({ path }) => path).sort()).toEqual(["metadata", "top_k"]);
    const two = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Say" },
    ];
    expect(() => openaiCompletions.encodeRequest(chat({ messages: two }), target, losses)).toThrow(
      /single prompt/,
    );
  });
});

describe("an answer", () => {
  const encode = (candidate: Partial<Candidate>) => {
    const losses = new Losses();
    const answer = {
      id: "",
      model: "claude",
      candidates: [{ parts: [], finish: "stop", ...candidate } as Candidate],
      usage: { ...noUsage, input: 3, output: 2 },
      dialect: "anthropic",
    } as const;
    const body = openaiCompletions.encodeAnswer(answer, context, losses);
    return { body, losses: losses.entries.map(({ path }) => path) };
  };

  it("is its text", () => {
    const { body, losses } = encode({ parts: [{ kind: "text", text: " hello" }], finish: "length" });
    expect(body).toMatchObject({
      id: `cmpl-${"n".repeat(24)}`,
      object: "text_completion",
      created: 7,
      model: "asked",
      choices: [{ text: " hello", index: 0, logprobs: null, finish_reason: "length" }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(losses).toEqual([]);
  });

  it("reports what is no text", () => {
    const { body, losses } = encode({
      parts: [
        { kind: "reasoning", text: "Hm.", origin: "anthropic" },
        { kind: "text", text: "a" },
        { kind: "tool-call", id: "c", name: "f", arguments: "{}" },
      ],
      finish: "refusal",
    });
    expect(body).toMatchObject({ choices: [{ text: "a", finish_reason: "content_filter" }] });
    expect(losses).toEqual(["choices[0]", "choices[0]"]);
  });

  it("of its own dialect is read and written the same", () => {
    const own: JsonObject = {
      id: "cmpl-1",
      object: "text_completion",
      created: 5,
      model: "asked",
      choices: [{ text: "a", index: 0, logprobs: { tokens: ["a"] }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    };
    const losses = new Losses();
    expect(
      openaiCompletions.encodeAnswer(openaiCompletions.decodeAnswer(own), context, losses),
    ).toMatchObject(own);
    expect(losses.entries).toEqual([]);
    expect(() => openaiCompletions.decodeAnswer({ choices: [] })).toThrow("without choices");
  });
});

describe("a stream", () => {
  const events: StreamEvent[] = [
    { kind: "start", id: "msg_1", model: "claude" },
    { kind: "open", candidate: 0, index: 0, part: { kind: "reasoning", origin: "anthropic" } },
    { kind: "delta", candidate: 0, index: 0, text: "Hm." },
    { kind: "close", candidate: 0, index: 0 },
    { kind: "open", candidate: 0, index: 1, part: { kind: "text" } },
    { kind: "delta", candidate: 0, index: 1, text: "Hé" },
    { kind: "close", candidate: 0, index: 1 },
    { kind: "finish", candidate: 0, reason: "stop" },
    { kind: "usage", usage: { ...noUsage, input: 3, output: 2 } },
    { kind: "end" },
  ];
  const encoded = (list: readonly StreamEvent[], includeUsage = true) => {
    const encoder = openaiCompletions.streamEncoder({ ...context, includeUsage });
    return list.map((event) => encoder.push(event)).join("");
  };

  it("shows the text, the reason and the usage that was asked for", () => {
    const chunks = encoded(events).split("\n\n").filter(Boolean);
    expect(chunks.at(-1)).toBe("data: [DONE]");
    const parsed = chunks.slice(0, -1).map((chunk) => JSON.parse(chunk.slice("data: ".length)) as JsonObject);
    expect(parsed.map(({ choices }) => choices)).toEqual([
      [{ text: "Hé", index: 0, logprobs: null, finish_reason: null }],
      [{ text: "", index: 0, logprobs: null, finish_reason: "stop" }],
      [],
    ]);
    expect(parsed[0]).toMatchObject({ id: "msg_1", object: "text_completion", model: "asked", usage: null });
    expect(parsed[2]).toMatchObject({ usage: { total_tokens: 5 } });
    expect(encoded(events, false)).not.toContain("usage");
  });

  it("that fails has no end", () => {
    const text = encoded([
      ...events.slice(0, 6),
      { kind: "error", error: { kind: "server", status: 500, message: "broken" } },
    ]);
    expect(text).toContain('"message":"broken"');
    expect(text).not.toContain("[DONE]");
  });

  it("is read back, cut anywhere, and counted as it passes", () => {
    const bytes = Buffer.from(encoded(events));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = openaiCompletions.streamDecoder();
      const found = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((piece) => decoder.push(piece));
      found.push(...decoder.end());
      const text = found.map((event) => (event.kind === "delta" ? event.text : "")).join("");
      expect([text, found.at(-1)?.kind]).toEqual(["Hé", "end"]);
      const passing = openaiCompletions.passthrough.stream(false);
      const passed = [passing.push(bytes.subarray(0, cut)), passing.push(bytes.subarray(cut)), passing.end()];
      expect(Buffer.concat(passed).toString()).not.toContain('"choices":[],');
      expect(passing).toMatchObject({ complete: true, outputCharacters: 2, usage: { input: 3, output: 2 } });
    }
  });
});
