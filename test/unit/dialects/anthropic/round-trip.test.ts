import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FinishReason } from "../../../../src/conversation/answer.ts";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { noUsage, type Usage } from "../../../../src/conversation/usage.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { decodeChunks, expectStrictOrder, foldDeltas } from "../../../golden/every-cut.ts";
import { clientCall, seal } from "../../../sealing.ts";
import { encode, sonnet45 } from "./requests.ts";

/** Where things stood in the first body is told by `at`; it may differ in the second. */
function withoutPlaces(value: object): unknown {
  return JSON.parse(JSON.stringify(value), (key, member) =>
    key === "at" || key === "paths" ? undefined : member,
  );
}

const words = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => text.trim() !== "");
const marker = fc.option(fc.constantFrom({ type: "ephemeral" }, { type: "ephemeral", ttl: "1h" }), {
  nil: undefined,
});
const given = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value));

const textBlock = fc.record({ type: fc.constant("text"), text: words });
const sourceOf = (mediaType: string) =>
  fc.oneof(
    fc.record({ type: fc.constant("url"), url: fc.webUrl() }),
    fc.record({ type: fc.constant("base64"), media_type: fc.constant(mediaType), data: fc.base64String() }),
    fc.record({ type: fc.constant("file"), file_id: fc.constant("file_1") }),
  );
const imageBlock = fc.record({ type: fc.constant("image"), source: sourceOf("image/png") });
const documentBlock = fc.record(
  {
    type: fc.constant("document"),
    source: fc.oneof(
      fc.record({ type: fc.constant("text"), media_type: fc.constant("text/plain"), data: words }),
      sourceOf("application/pdf"),
    ),
    title: words,
    context: words,
    citations: fc.constant({ enabled: true }),
  },
  { requiredKeys: ["type", "source"] },
);
const foreignBlock = fc.record({ type: fc.constant("search_result"), source: words, title: words });
const userBlocks = fc.array(fc.oneof(textBlock, imageBlock, documentBlock, foreignBlock), {
  minLength: 1,
  maxLength: 3,
});
const thinkingBlock = fc.oneof(
  fc.record({ type: fc.constant("thinking"), thinking: words, signature: fc.constant("sig") }),
  fc.record({ type: fc.constant("redacted_thinking"), data: fc.base64String({ minLength: 4 }) }),
);
const citedBlock = fc.record({
  type: fc.constant("text"),
  text: words,
  citations: fc.constant([{ type: "char_location", cited_text: "a", document_index: 0 }]),
});
const serverBlock = fc.constant({
  type: "server_tool_use",
  id: "srvtoolu_1",
  name: "web_search",
  input: { query: "a" },
});
const json = fc.dictionary(
  fc.string({ maxLength: 5 }).filter((key) => key !== "__proto__"),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 3 },
);

/** One exchange of tools: calls and their results, all of them. */
const toolRound = fc
  .tuple(
    fc.array(json, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    fc.oneof(words, fc.array(fc.oneof(textBlock, imageBlock, documentBlock), { minLength: 1, maxLength: 3 })),
    fc.nat(),
  )
  .map(([inputs, isError, content, salt]) => [
    {
      role: "assistant",
      content: inputs.map((input, i) => ({ type: "tool_use", id: `toolu_${salt}_${i}`, name: "f", input })),
    },
    {
      role: "user",
      content: inputs.map((_, i) => ({
        type: "tool_result",
        tool_use_id: `toolu_${salt}_${i}`,
        content,
        ...(isError && { is_error: true }),
      })),
    },
  ]);
const talkRound = fc
  .tuple(
    fc.array(fc.oneof(thinkingBlock, textBlock, citedBlock, serverBlock), { minLength: 1, maxLength: 3 }),
    userBlocks,
  )
  .map(([said, asked]) => [
    { role: "assistant", content: said },
    { role: "user", content: asked },
  ]);

type Message = { readonly role: string; readonly content: readonly object[] };

/** One of the results, if there are any: a request has four markers at most. */
function withCachedResult(messages: readonly Message[], cache: object | undefined): readonly Message[] {
  const index = messages.findIndex(({ content }) => "tool_use_id" in (content[0] ?? {}));
  return messages.map((message, i) => {
    if (i !== index) return message;
    const [first, ...others] = message.content;
    return { ...message, content: [{ ...first, cache_control: cache }, ...others] };
  });
}

const body = fc
  .record({
    first: userBlocks,
    rounds: fc.uniqueArray(fc.oneof(toolRound, talkRound), {
      maxLength: 3,
      selector: (round) => JSON.stringify(round[0]),
    }),
    system: fc.option(fc.oneof(words, fc.array(textBlock, { minLength: 1, maxLength: 2 })), {
      nil: undefined,
    }),
    cache: marker,
    cachedQuestion: marker,
    cachedSystem: marker,
    cachedResult: marker,
    max_tokens: fc.integer({ min: 2048, max: 60_000 }),
    stream: fc.option(fc.constant(true), { nil: undefined }),
    sampling: fc.constantFrom({}, { temperature: 0.25 }, { top_p: 0.5 }, { top_k: 7 }),
    thinking: fc.constantFrom(undefined, { type: "disabled" }),
    stop_sequences: fc.option(fc.array(words, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    choice: fc.constantFrom(
      undefined,
      { type: "auto" },
      { type: "any", disable_parallel_tool_use: true },
      { type: "none" },
    ),
    user: fc.option(words, { nil: undefined }),
    container: fc.option(words, { nil: undefined }),
  })
  .map(({ first, rounds, cache, sampling, choice, user, system, ...rest }) => {
    const { cachedQuestion, cachedSystem, cachedResult, ...fields } = rest;
    const tool = {
      name: "f",
      input_schema: { type: "object", properties: {} },
      cache_control: cache,
      defer_loading: true,
    };
    const [question, ...more] = first;
    const messages = [
      { role: "user", content: [{ ...question, cache_control: cachedQuestion }, ...more] },
      ...withCachedResult(rounds.flat(), cachedResult),
    ];
    return given({
      model: sonnet45,
      ...fields,
      system:
        cachedSystem === undefined ? system : [{ type: "text", text: "S", cache_control: cachedSystem }],
      ...sampling,
      tools: [tool, { type: "web_search_20260318", name: "web_search" }],
      tool_choice: choice,
      metadata: user === undefined ? undefined : { user_id: user },
      messages,
    }) as object as JsonObject;
  });

describe("requests", () => {
  it("mean the same after encoding and decoding, with nothing lost", () => {
    fc.assert(
      fc.property(body, (original) => {
        const request = anthropic.decodeRequest(original, clientCall());
        const { body: encoded, losses } = encode(request);
        expect(losses).toEqual([]);
        const again = anthropic.decodeRequest(encoded as unknown as JsonObject, clientCall());
        expect(withoutPlaces(again)).toEqual(withoutPlaces(request));
        expect(encode(again).body).toEqual(encoded);
      }),
      { numRuns: 200 },
    );
  });
});

const counts = fc
  .record({
    fresh: fc.nat(),
    cacheRead: fc.nat(),
    cacheWrite: fc.nat(),
    hour: fc.nat(),
    output: fc.nat(),
    reasoning: fc.nat(),
  })
  .map(
    ({ fresh, cacheRead, cacheWrite, hour, output, reasoning }): Usage => ({
      ...noUsage,
      input: fresh + cacheRead + cacheWrite,
      output: output + 1,
      cacheRead,
      cacheWrite,
      cacheWriteHour: Math.min(hour, cacheWrite),
      reasoning,
    }),
  );

const part: fc.Arbitrary<Part> = fc.oneof(
  words.map((text) => ({ kind: "text" as const, text })),
  fc.tuple(words, words).map(([text, signature]) => ({
    kind: "reasoning" as const,
    text,
    origin: "anthropic" as const,
    signature,
  })),
  json.map((input) => ({
    kind: "tool-call" as const,
    id: "toolu_1",
    name: "f",
    arguments: JSON.stringify(input),
  })),
  words.map((redacted) => ({ kind: "reasoning" as const, text: "", origin: "anthropic" as const, redacted })),
  words.map((id) => ({
    kind: "foreign" as const,
    dialect: "anthropic" as const,
    value: { type: "server_thing", id },
  })),
);
const finish = fc.constantFrom<FinishReason[]>("stop", "length", "context", "tool-calls", "refusal", "pause");
const context = { model: "m", includeUsage: true, now: 1, newId: () => "i".repeat(24), seal };

function eventsOf(parts: readonly Part[], reason: FinishReason, usage: Usage): StreamEvent[] {
  const events: StreamEvent[] = [{ kind: "start", id: "msg_1", model: "m" }];
  parts.forEach((one, index) => {
    const place = { candidate: 0, index };
    if (one.kind === "text") {
      events.push(
        { kind: "open", ...place, part: { kind: "text" } },
        { kind: "delta", ...place, text: one.text },
      );
    } else if (one.kind === "tool-call") {
      events.push({ kind: "open", ...place, part: { kind: "tool-call", id: one.id, name: one.name } });
      events.push({ kind: "delta", ...place, text: one.arguments });
    } else if (one.kind === "reasoning" && one.redacted === undefined) {
      events.push({ kind: "open", ...place, part: { kind: "reasoning", origin: "anthropic" } });
      events.push({ kind: "delta", ...place, text: one.text });
      events.push({ kind: "signature", ...place, signature: one.signature ?? "" });
    } else {
      events.push({ kind: "part", ...place, part: one });
      return;
    }
    events.push({ kind: "close", ...place });
  });
  return [...events, { kind: "usage", usage }, { kind: "finish", candidate: 0, reason }, { kind: "end" }];
}

describe("answers", () => {
  it("mean the same after encoding and decoding", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), finish, counts, (parts, reason, usage) => {
        const answer = {
          id: "msg_1",
          model: "m",
          candidates: [{ parts, finish: reason }],
          usage,
          dialect: "anthropic" as const,
        };
        const encoded = anthropic.encodeAnswer(answer, context, {
          dropped: fail,
          approximated: fail,
        } as never);
        expect(anthropic.decodeAnswer(encoded)).toEqual(answer);
      }),
    );
  });

  it("streamed mean the same", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), finish, counts, (parts, reason, usage) => {
        const events = eventsOf(parts, reason, usage);
        const encoder = anthropic.streamEncoder(context);
        const text = events.map((event) => encoder.push(event)).join("");
        const decoded = decodeChunks(anthropic.streamDecoder(), [Buffer.from(text)]);
        expectStrictOrder(decoded);
        // The zeros of message_start come before the real usage.
        const first = decoded.findIndex((event) => event.kind === "usage");
        expect(foldDeltas(decoded.filter((_, i) => i !== first))).toEqual(foldDeltas(events));
      }),
    );
  });
});

function fail(path: string): never {
  throw new Error(`lost: ${path}`);
}

describe("hostile streams", () => {
  const piece = fc.constantFrom(
    'event: message_start\ndata: {"type":"message_start","message":{"id":"a","model":"b","usage":{"input_tokens":1}}}\n\n',
    'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
    'data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}\n\n',
    'data: {"type":"content_block_start","index":2,"content_block":{"type":"thinking"}}\n\n',
    'data: {"type":"content_block_start"}\n\n',
    'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}\n\n',
    'data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}\n\n',
    'data: {"type":"content_block_delta","index":2,"delta":{"type":"new_delta","list":[1],"text":"x"}}\n\n',
    'data: {"type":"content_block_delta"}\n\n',
    'data: {"type":"content_block_stop","index":0}\n\n',
    'data: {"type":"content_block_stop","index":1}\n\n',
    'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}\n\n',
    'data: {"type":"message_delta","delta":null,"usage":[]}\n\n',
    'data: {"type":"message_stop"}\n\n',
    'data: {"type":"error"}\n\n',
    'event: ping\ndata: {"type":"ping"}\n\n',
    "data: [DONE]\n\n",
    "data: 3\n\n",
    "data: {\n\n",
    ": comment\n\n",
    "\uFFFD\n",
  );

  it("never throw, and keep the order of events", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const decoder = anthropic.streamDecoder();
        const events = decodeChunks(
          decoder,
          pieces.map((text) => Buffer.from(text)),
        );
        expectStrictOrder(events);
        expect(decoder.push(Buffer.from("data: {}\n\n"))).toEqual([]);
        const encoder = anthropic.streamEncoder(context);
        for (const event of events) encoder.push(event);
      }),
      { numRuns: 2000 },
    );
  });
});
