import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { noQuirks } from "../../../../src/dialects/dialect.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import { isObject, type JsonObject, type JsonValue } from "../../../../src/json/types.ts";
import { decodeChunks, expectStrictOrder, foldDeltas } from "../../../golden/every-cut.ts";
import { clientCall, seal } from "../../../sealing.ts";

const said = fc.string({ minLength: 1, unit: "grapheme" });
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const base64 = fc.stringMatching(/^[A-Za-z0-9+/]{4,8}$/);

const text = said.map((text): Part => ({ kind: "text", text }));
const media: fc.Arbitrary<Part> = fc.oneof(
  fc.webUrl().map((url): Part => ({ kind: "image", source: { kind: "url", url } })),
  base64.map(
    (data): Part => ({
      kind: "image",
      source: { kind: "base64", mediaType: "image/png", data },
      detail: "low",
    }),
  ),
  base64.map((data): Part => ({ kind: "audio", source: { kind: "base64", format: "wav", data } })),
  fc.tuple(base64, name).map(
    ([data, file]): Part => ({
      kind: "document",
      source: { kind: "base64", mediaType: "application/pdf", data },
      name: file,
    }),
  ),
  name.map((id): Part => ({ kind: "document", source: { kind: "file", id } })),
  name.map((type): Part => ({ kind: "foreign", dialect: "openai-chat", value: { type: `x_${type}` } })),
);
const call = fc
  .tuple(name, name, fc.dictionary(name, fc.string()))
  .map(
    ([id, called, args]): Part => ({ kind: "tool-call", id, name: called, arguments: JSON.stringify(args) }),
  );
const refusal = said.map((words): Part => ({ kind: "refusal", text: words }));
const customCall = name.map(
  (id): Part => ({
    kind: "foreign",
    dialect: "openai-chat",
    value: { id, type: "custom", custom: { name: "sql", input: "a" } },
  }),
);
/** What was said aloud earlier. */
const voice = name.map((id): Part => ({ kind: "foreign", dialect: "openai-chat", value: { audio: { id } } }));
const result = fc
  .tuple(name, fc.array(text, { maxLength: 2 }))
  .map(([callId, content]): Part => ({ kind: "tool-result", callId, content, isError: false }));

const turn: fc.Arbitrary<Omit<Turn, "at">> = fc.oneof(
  fc.record({ role: fc.constant("system" as const), parts: fc.array(text, { minLength: 1, maxLength: 2 }) }),
  fc.record({
    role: fc.constant("user" as const),
    parts: fc.array(fc.oneof(text, media), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    role: fc.constant("user" as const),
    parts: fc.array(text, { minLength: 1, maxLength: 1 }),
    name,
  }),
  fc
    .tuple(
      fc.array(fc.oneof(text, refusal), { maxLength: 2 }),
      fc.option(voice, { nil: undefined }),
      fc.array(fc.oneof(call, customCall), { minLength: 1, maxLength: 3 }),
    )
    .map(([words, spoken, calls]) => ({
      role: "assistant" as const,
      parts: [...words, ...(spoken === undefined ? [] : [spoken]), ...calls],
    })),
);
/** Results stand between other turns: neighbouring result turns are one turn in this format. */
const turns = fc
  .array(fc.tuple(turn, fc.option(fc.array(result, { minLength: 1, maxLength: 2 }), { nil: undefined })), {
    minLength: 1,
  })
  .map((list) =>
    list.flatMap(([one, results]) =>
      results === undefined ? [one] : [one, { role: "user" as const, parts: results }],
    ),
  );

const request: fc.Arbitrary<Omit<ConversationRequest, "turns">> = fc
  .record(
    {
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      maxOutputTokens: fc.nat(),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
      topK: fc.nat(),
      seed: fc.integer(),
      candidates: fc.integer({ min: 1, max: 8 }),
      logprobs: fc.boolean(),
      user: fc.string(),
      serviceTier: fc.constantFrom("auto", "flex"),
      reasoning: fc.constantFrom({ enabled: true, effort: "low" }, { enabled: false, effort: "none" }),
      output: fc.constantFrom(
        { kind: "json" },
        { kind: "json-schema", name: "n", schema: { type: "object" }, strict: true },
      ),
      toolChoice: fc.constantFrom(
        { kind: "auto" },
        { kind: "none" },
        { kind: "required" },
        { kind: "tool", name: "f" },
      ),
      parallelToolCalls: fc.boolean(),
      extra: fc.constantFrom({ logit_bias: { "1": 2 } }, { metadata: { a: "b" }, store: true }),
      stop: fc.array(fc.string(), { maxLength: 4 }),
      stream: fc.boolean(),
    },
    { requiredKeys: ["extra", "stop", "stream"] },
  )
  .map((fields) => ({
    ...(fields as Pick<ConversationRequest, "extra" | "stop" | "stream">),
    model: "gpt-4o",
    tools: [{ name: "f", parameters: { type: "object" }, strict: false, at: "tools[0]" }],
    foreignTools: [
      { dialect: "openai-chat", value: { type: "custom", custom: { name: "c" } }, at: "tools[1]" },
    ],
    includeUsage: fields.stream,
    dialect: "openai-chat",
    paths: {
      turns: "messages",
      maxOutputTokens: fields.maxOutputTokens === undefined ? "max_tokens" : "max_completion_tokens",
    },
  }));

/** Paths differ between what we made up and what was read; everything else must not. */
function withoutPaths(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutPaths);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => key !== "at");
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutPaths(inner)]));
}

describe("requests", () => {
  it("come back as they were, without losses", () => {
    fc.assert(
      fc.property(request, turns, (fields, list) => {
        const original = {
          ...fields,
          turns: list.map((one, index) => ({ ...one, at: `messages[${index}]` })),
        };
        const losses = new Losses();
        const body = openaiChat.encodeRequest(original, { model: "gpt-4o", quirks: noQuirks }, losses);
        const decoded = openaiChat.decodeRequest(
          JSON.parse(JSON.stringify(body)) as JsonObject,
          clientCall(),
        );
        expect(losses.entries).toEqual([]);
        const plain = (value: object) => withoutPaths(JSON.parse(JSON.stringify(value)) as JsonValue);
        expect(plain(decoded)).toEqual(plain(original));
      }),
    );
  });
});

/** One candidate's parts: text, refusals and calls, no two neighbours of the same streamed kind but calls. */
const streamedPart = fc.oneof(
  fc.tuple(
    fc.constantFrom("text" as const, "refusal" as const),
    fc.array(said, { minLength: 1, maxLength: 3 }),
  ),
  fc.tuple(fc.constant("tool-call" as const), fc.array(said, { maxLength: 2 })),
);

describe("streams", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(fc.array(streamedPart, { maxLength: 6 }), fc.boolean(), (parts, includeUsage) => {
        const distinct = parts.filter(([kind], i) => kind === "tool-call" || parts[i - 1]?.[0] !== kind);
        const original = eventsOf(distinct, includeUsage);
        const context = { model: "m", includeUsage, now: 1, newId: () => "id", seal };
        const encoder = openaiChat.streamEncoder(context);
        const wire = original.map((event) => encoder.push(event)).join("");
        const decoded = decodeChunks(openaiChat.streamDecoder(), [Buffer.from(wire)]);
        expectStrictOrder(decoded);
        const order = (events: readonly StreamEvent[]) =>
          foldDeltas(events).filter((event) => event.kind !== "usage");
        expect(order(decoded)).toEqual(order(original));
        expect(decoded.some((event) => event.kind === "usage")).toBe(includeUsage);
      }),
    );
  });
});

function eventsOf(
  parts: ReadonlyArray<readonly [string, readonly string[]]>,
  withUsage: boolean,
): StreamEvent[] {
  const events: StreamEvent[] = [{ kind: "start", id: "chatcmpl-1", model: "m", created: 5 }];
  parts.forEach(([kind, texts], index) => {
    const at = { candidate: 0, index };
    if (kind === "tool-call") {
      events.push({ kind: "open", ...at, part: { kind, id: `call_${index}`, name: "f" } });
      // Whole JSON, in pieces, so that the next part may begin.
      const whole = JSON.stringify({ a: texts.join("") });
      events.push(
        { kind: "delta", ...at, text: whole.slice(0, 5) },
        { kind: "delta", ...at, text: whole.slice(5) },
      );
    } else {
      events.push({ kind: "open", ...at, part: { kind: kind as "text" | "refusal" } });
      for (const text of texts) events.push({ kind: "delta", ...at, text });
    }
    events.push({ kind: "close", ...at });
  });
  const has = (kind: string) => parts.some(([one]) => one === kind);
  const reason = has("tool-call") ? "tool-calls" : has("refusal") ? "refusal" : "stop";
  const usage = { input: 5, output: 3, cacheRead: 2, cacheWrite: 1, cacheWriteHour: 0, reasoning: 1 };
  events.push({ kind: "finish", candidate: 0, reason });
  if (withUsage)
    events.push({ kind: "usage", usage: { ...usage, audioInput: 0, audioOutput: 0, estimated: false } });
  events.push({ kind: "end" });
  return events;
}
