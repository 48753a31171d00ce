import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FinishReason } from "../../../../src/conversation/answer.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import { noQuirks } from "../../../../src/dialects/dialect.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { decodeChunks, expectStrictOrder } from "../../../golden/every-cut.ts";
import { clientCall, seal } from "../../../sealing.ts";

/** Where things stood in the first body is told by `at`; it may differ in the second. */
function withoutPlaces(value: object): unknown {
  return JSON.parse(JSON.stringify(value), (key, member) =>
    key === "at" || key === "paths" ? undefined : member,
  );
}

const words = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const given = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value));

const inputText = words.map((text) => ({ type: "input_text", text }));
const inputImage = fc.constantFrom(
  { type: "input_image", image_url: "https://e.x/a.png", detail: "low" },
  { type: "input_image", image_url: "data:image/png;base64,QUJD", detail: "auto" },
  { type: "input_image", file_id: "file_1", detail: "high" },
);
const inputFile = fc.constantFrom(
  { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,QUJD" },
  { type: "input_file", file_url: "https://e.x/a.pdf" },
  { type: "input_file", file_id: "file_1", filename: "b.pdf" },
  { type: "input_text", text: "x", prompt_cache_breakpoint: { mode: "explicit" } },
);
const content = fc.oneof(
  words,
  fc.array(fc.oneof(inputText, inputImage, inputFile), { minLength: 1, maxLength: 3 }),
);
const question = content.map((said) => [{ role: "user", content: said }]);
const said = fc.oneof(
  words.map((text) => ({ role: "assistant", content: text })),
  fc
    .array(
      fc.oneof(
        words.map((text) => ({ type: "output_text", text, annotations: [] })),
        words.map((refusal) => ({ type: "refusal", refusal })),
        words.map((text) => ({
          type: "output_text",
          text,
          annotations: [{ type: "url_citation", url: text }],
        })),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => ({
      type: "message",
      id: "msg_1",
      status: "completed",
      role: "assistant",
      content: parts,
    })),
  words.map((text) => ({
    type: "reasoning",
    id: "rs_1",
    summary: [{ type: "summary_text", text }],
    encrypted_content: "gAAA",
  })),
  fc.constant({ type: "reasoning", id: "rs_2", summary: [], encrypted_content: "gBBB" }),
  fc.constantFrom(
    { type: "web_search_call", id: "ws_1", status: "completed" },
    { type: "custom_tool_call", id: "ctc_1", call_id: "c_x", name: "sql", input: "a" },
    { type: "mcp_call", id: "mcp_1", name: "f", server_label: "a", arguments: "{}" },
  ),
);
const toolRound = fc
  .tuple(fc.array(said, { maxLength: 2 }), fc.array(content, { minLength: 1, maxLength: 3 }), fc.nat())
  .map(([before, outputs, salt]) => [
    ...before,
    ...outputs.map((_, i) => ({
      type: "function_call",
      call_id: `c_${salt}_${i}`,
      name: "f",
      arguments: `{"i":${i}}`,
    })),
    ...outputs.map((output, i) => ({ type: "function_call_output", call_id: `c_${salt}_${i}`, output })),
  ]);
const talkRound = fc
  .tuple(fc.array(said, { minLength: 1, maxLength: 4 }), question)
  .map(([a, b]) => [...a, ...b]);

const body = fc
  .record({
    first: question,
    rounds: fc.array(fc.oneof(toolRound, talkRound), { maxLength: 3 }),
    instructions: fc.option(words, { nil: undefined }),
    system: fc.option(words, { nil: undefined }),
    max_output_tokens: fc.option(fc.integer({ min: 16, max: 60_000 }), { nil: undefined }),
    stream: fc.option(fc.constant(true), { nil: undefined }),
    temperature: fc.option(fc.constant(0.25), { nil: undefined }),
    top_p: fc.option(fc.constant(0.5), { nil: undefined }),
    reasoning: fc.constantFrom(
      undefined,
      { effort: "low" },
      { effort: "none" },
      { effort: "high", mode: "pro" },
    ),
    text: fc.constantFrom(
      undefined,
      { verbosity: "low" },
      { format: { type: "json_object" } },
      {
        format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true },
        verbosity: "high",
      },
    ),
    tool_choice: fc.constantFrom(
      undefined,
      "auto",
      "none",
      "required",
      { type: "function", name: "f" },
      { type: "web_search" },
    ),
    parallel_tool_calls: fc.option(fc.boolean(), { nil: undefined }),
    metadata: fc.constantFrom(undefined, { a: "b" }),
    store: fc.constantFrom(undefined, true, false),
    user: fc.option(words, { nil: undefined }),
    service_tier: fc.constantFrom(undefined, "flex"),
  })
  .map(({ first, rounds, system, ...fields }) => {
    const tools = [
      { type: "function", name: "f", parameters: { type: "object" }, strict: false },
      { type: "web_search" },
    ];
    const prompt = system === undefined ? [] : [{ role: "system", content: system }];
    return given({
      model: "m",
      ...fields,
      tools,
      input: [...first, ...prompt, ...rounds.flat()],
    }) as JsonObject;
  });

describe("requests", () => {
  it("mean the same after encoding and decoding, with nothing lost", () => {
    fc.assert(
      fc.property(body, (original) => {
        const request = openaiResponses.decodeRequest(original, clientCall());
        const losses = new Losses();
        const target = { model: "m", quirks: noQuirks };
        const encoded = openaiResponses.encodeRequest(request, target, losses);
        expect(losses.entries).toEqual([]);
        const again = openaiResponses.decodeRequest(encoded, clientCall());
        // Nothing is kept unless it is asked for.
        const meant = openaiResponses.decodeRequest({ store: false, ...original }, clientCall());
        expect(withoutPlaces(again)).toEqual(withoutPlaces(meant));
        expect(openaiResponses.encodeRequest(again, target, losses)).toEqual(encoded);
      }),
      { numRuns: 200 },
    );
  });
});

const part: fc.Arbitrary<Part> = fc.oneof(
  words.map((text) => ({ kind: "text" as const, text })),
  words.map((text) => ({ kind: "refusal" as const, text })),
  words.map((text) => ({
    kind: "reasoning" as const,
    text,
    origin: "openai-responses" as const,
    signature: "rs_1:gAAA",
  })),
  fc.constant({
    kind: "reasoning" as const,
    text: "",
    origin: "openai-responses" as const,
    redacted: "rs_2:gBBB",
  }),
  fc.nat().map((n) => ({ kind: "tool-call" as const, id: `c${n}`, name: "f", arguments: `{"n":${n}}` })),
  words.map((id) => ({
    kind: "foreign" as const,
    dialect: "openai-responses" as const,
    value: { type: "web_search_call", id },
  })),
);
const context = { model: "m", includeUsage: true, now: 1, newId: () => "i".repeat(24), seal };

describe("answers", () => {
  it("mean the same after encoding and decoding", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.boolean(), (parts, isCut) => {
        const has = (kind: string) => parts.some((one) => one.kind === kind);
        const ended: FinishReason = has("tool-call") ? "tool-calls" : has("refusal") ? "refusal" : "stop";
        const answer = {
          id: "resp_1",
          model: "m",
          created: 7,
          candidates: [{ parts, finish: isCut ? ("length" as const) : ended }],
          usage: { ...noUsage, input: 4, output: 2, cacheRead: 1, reasoning: 1 },
          serviceTier: "default",
          dialect: "openai-responses" as const,
        };
        const losses = new Losses();
        const encoded = openaiResponses.encodeAnswer(answer, context, losses);
        expect(losses.entries).toEqual([]);
        expect(openaiResponses.decodeAnswer(encoded)).toEqual(answer);
      }),
    );
  });
});

describe("hostile streams", () => {
  const types = [
    ...[
      "created",
      "in_progress",
      "completed",
      "incomplete",
      "failed",
      "output_item.added",
      "output_item.done",
    ],
    ...[
      "content_part.added",
      "content_part.done",
      "output_text.delta",
      "refusal.delta",
      "function_call_arguments.delta",
    ],
    ...["reasoning_summary_text.delta", "reasoning_text.delta", "brand.new"],
  ].map((type) => `response.${type}`);
  const event = fc
    .record(
      {
        type: fc.constantFrom(...types, "error", "keepalive"),
        output_index: fc.constantFrom(0, 1, "x", null),
        content_index: fc.constantFrom(0, 1, -1),
        delta: fc.constantFrom("a", "", 3),
        item: fc.constantFrom(
          { type: "message", content: [{ type: "output_text", text: "t" }, null] },
          { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
          { type: "reasoning", id: "rs_1", summary: [{}], encrypted_content: "g" },
          { type: "new" },
          null,
        ),
        part: fc.constantFrom(
          { type: "output_text", text: "t", annotations: [1] },
          { type: "refusal" },
          {},
          [],
        ),
        response: fc.constantFrom({ output: [{ type: "function_call" }], usage: {} }, { output: {} }, null),
        error: fc.constantFrom(null, { message: "x" }),
      },
      { requiredKeys: ["type"] },
    )
    .map((value) => `data: ${JSON.stringify(value)}\n\n`);
  const piece = fc.oneof(
    event,
    fc.constantFrom("data: [DONE]\n\n", "data: 3\n\n", "data: {\n\n", ": comment\n\n", "\uFFFD\n"),
  );

  it("never throw, and keep the order of events", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const decoder = openaiResponses.streamDecoder();
        const events = decodeChunks(
          decoder,
          pieces.map((text) => Buffer.from(text)),
        );
        expectStrictOrder(events);
        expect(decoder.push(Buffer.from("data: {}\n\n"))).toEqual([]);
        const encoder = openaiResponses.streamEncoder(context);
        for (const one of events) encoder.push(one);
      }),
      { numRuns: 2000 },
    );
  });
});
