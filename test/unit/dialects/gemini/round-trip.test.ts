import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FinishReason } from "../../../../src/conversation/answer.ts";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { noUsage, type Usage } from "../../../../src/conversation/usage.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { Dialect, EncodeContext } from "../../../../src/dialects/dialect.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { encodeSchema } from "../../../../src/dialects/gemini/schema.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { decodeChunks, expectStrictOrder, foldDeltas } from "../../../golden/every-cut.ts";
import { clientCall, seal } from "../../../sealing.ts";
import { decode, encode } from "./requests.ts";

const context: EncodeContext = { model: "m", includeUsage: true, now: 1, newId: () => "0".repeat(24), seal };

/** Where things stood in the first body is told by `at`; it may differ in the second. */
function withoutPlaces(value: object): unknown {
  return JSON.parse(JSON.stringify(value), (key, member) =>
    key === "at" || key === "paths" ? undefined : member,
  );
}

const words = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => text.trim() !== "");
const name = fc.stringMatching(/^[a-z_]{1,8}$/);
const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
const json = fc.dictionary(
  fc.string({ maxLength: 5 }).filter((key) => key !== "__proto__" && key !== "output" && key !== "error"),
  fc.oneof(fc.string({ maxLength: 8 }), fc.boolean(), fc.integer(), fc.array(fc.integer(), { maxLength: 2 })),
  { maxKeys: 3 },
);
const given = (value: object): JsonObject => JSON.parse(JSON.stringify(value));

const userPart: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ text: words }),
  fc.record({ inlineData: fc.record({ mimeType: fc.constant("image/png"), data: base64 }) }),
  fc.record({ inlineData: fc.record({ mimeType: fc.constant("application/pdf"), data: base64 }) }),
  fc.record({ inlineData: fc.record({ mimeType: fc.constant("audio/wav"), data: base64 }) }),
  fc.constant({ fileData: { mimeType: "image/png", fileUri: "https://example.com/a.png" } }),
  fc.constant({ fileData: { mimeType: "application/pdf", fileUri: "gs://bucket/a.pdf" } }),
  fc.constant({ fileData: { mimeType: "video/mp4", fileUri: "https://youtu.be/x" } }),
);
const modelPart: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ text: words }),
  fc.record({ text: words, thoughtSignature: base64 }),
  fc.record({ text: words, thought: fc.constant(true), thoughtSignature: base64 }),
  fc.constant({ text: "", thoughtSignature: "U0lH" }),
  fc.record({ text: words, thought: fc.constant(true) }),
  fc.record({ inlineData: fc.record({ mimeType: fc.constant("image/png"), data: base64 }) }),
  fc.constant({ executableCode: { language: "PYTHON", code: "1+1" } }),
);
/** Calls and their responses, all of them. */
const toolRound = fc
  .array(fc.tuple(name, json, json, fc.option(base64, { nil: undefined })), { minLength: 1, maxLength: 3 })
  .map((calls) => [
    {
      role: "model",
      parts: calls.map(([called, args, , thoughtSignature], index) => ({
        functionCall: { id: `id${index}`, name: called, args },
        thoughtSignature,
      })),
    },
    {
      role: "user",
      parts: calls.map(([called, , response], index) => ({
        functionResponse: { id: `id${index}`, name: called, response },
      })),
    },
  ]);
const contents = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.array(userPart, { minLength: 1, maxLength: 3 }).map((parts) => [{ role: "user", parts }]),
        fc.oneof(
          toolRound,
          fc.array(modelPart, { minLength: 1, maxLength: 3 }).map((parts) => [{ role: "model", parts }]),
        ),
      ),
    ),
    { maxLength: 3 },
  )
  .map((rounds) => [...rounds.flat(2), { role: "user", parts: [{ text: "and?" }] }]);
const schema = fc.constantFrom<JsonObject>(
  { type: "OBJECT", properties: { a: { type: "STRING", description: "x" } }, required: ["a"] },
  { type: "OBJECT", properties: { a: { type: "ARRAY", items: { type: "INTEGER" }, minItems: "1" } } },
  {
    type: "OBJECT",
    properties: { a: { type: "NUMBER", nullable: true }, b: { type: "STRING", enum: ["x", "y"] } },
  },
);
const body = fc
  .record(
    {
      contents,
      systemInstruction: fc.record({
        parts: fc.array(fc.record({ text: words }), { minLength: 1, maxLength: 2 }),
      }),
      tools: fc
        .array(fc.record({ name, description: words, parameters: schema }, { requiredKeys: ["name"] }), {
          minLength: 1,
          maxLength: 2,
        })
        .map((functionDeclarations) => [{ functionDeclarations }]),
      generationConfig: fc.record(
        {
          temperature: fc.constantFrom(0, 0.5, 2),
          topP: fc.constantFrom(0.1, 1),
          topK: fc.integer({ min: 1, max: 40 }),
          candidateCount: fc.integer({ min: 1, max: 8 }),
          maxOutputTokens: fc.integer({ min: 1, max: 9000 }),
          stopSequences: fc.array(words, { minLength: 1, maxLength: 5 }),
          seed: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
          thinkingConfig: fc.constantFrom<JsonObject>(
            { thinkingBudget: 0 },
            { thinkingBudget: 512, includeThoughts: true },
          ),
          mediaResolution: fc.constant("MEDIA_RESOLUTION_LOW"),
        },
        { requiredKeys: [] },
      ),
      safetySettings: fc.constant([{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }]),
      serviceTier: fc.constantFrom("flex", "priority", "standard"),
    },
    { requiredKeys: ["contents"] },
  )
  .map(given);

describe("a request", () => {
  it("of Gemini's survives the neutral form", () => {
    fc.assert(
      fc.property(body, (first) => {
        const request = decode(first);
        const { body: second, lost } = encode(request);
        expect(lost).toEqual([]);
        expect(withoutPlaces(decode(second))).toEqual(withoutPlaces(request));
      }),
      { numRuns: 300 },
    );
  });

  it("keeps what functions returned: objects, texts, errors and files", () => {
    const file = fc.constantFrom("image/png", "application/pdf", "audio/wav", "video/mp4");
    const blob = fc.record({ inlineData: fc.record({ mimeType: file, data: base64 }) });
    const response = fc.oneof(
      json,
      words.map((output) => ({ output })),
      words.map((error) => ({ error })),
    );
    const returned = fc.array(
      fc.record(
        { response, parts: fc.array(blob, { minLength: 1, maxLength: 2 }) },
        { requiredKeys: ["response"] },
      ),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(returned, (results) => {
        const calls = results.map((_, i) => ({ functionCall: { id: `id${i}`, name: "f", args: {} } }));
        const responses = results.map((result, i) => ({
          functionResponse: { id: `id${i}`, name: "f", ...result },
        }));
        const first = given({
          contents: [
            { role: "user", parts: [{ text: "?" }] },
            { role: "model", parts: calls },
            { role: "user", parts: responses },
          ],
        });
        const request = decode(first);
        const { body: second, lost } = encode(request, "gemini-3-pro-preview");
        expect(lost).toEqual([]);
        expect(withoutPlaces(decode(second))).toEqual(withoutPlaces(request));
      }),
    );
  });

  it.each<[string, Dialect]>([
    ["OpenAI's", openaiChat],
    ["OpenAI's newer", openaiResponses],
    ["Anthropic's", anthropic],
  ])("takes its signatures along through an answer in %s format", (_, dialect) => {
    const parts = fc.array(
      fc.oneof(
        fc.record({ text: words }),
        fc.record({ text: words, thought: fc.constant(true) }),
        fc.record({ functionCall: fc.record({ name, args: json }) }),
        fc.record({ functionCall: fc.record({ name, args: json }), thoughtSignature: base64 }),
      ),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(parts, (said) => {
        const answer = gemini.decodeAnswer(
          given({
            responseId: "r",
            candidates: [{ content: { parts: said }, finishReason: "STOP" }],
          }) as JsonObject,
        );
        const encoded = dialect.encodeAnswer(answer, context, new Losses());
        const back = encode(dialect.decodeRequest(historyOf(dialect, encoded), clientCall(""))).body;
        const signs = (list: readonly JsonObject[]) =>
          list.filter((part) => part["functionCall"] !== undefined).map((part) => part["thoughtSignature"]);
        const [, model] = back["contents"] as Array<{ parts: JsonObject[] }>;
        expect(signs(model?.parts ?? [])).toEqual(signs(said as JsonObject[]));
      }),
    );
  });
});

/** The next request of a client: the answer as it came, and results for its calls. */
function historyOf(dialect: Dialect, answer: JsonObject): JsonObject {
  const question = { role: "user", content: "?" };
  if (dialect.name === "openai-chat") {
    const [choice] = answer["choices"] as [{ message: JsonObject & { tool_calls?: Array<{ id: string }> } }];
    const results = (choice.message.tool_calls ?? []).map(({ id }) => ({
      role: "tool",
      tool_call_id: id,
      content: "ok",
    }));
    return { model: "m", messages: [question, choice.message, ...results] };
  }
  if (dialect.name === "openai-responses") {
    const output = answer["output"] as JsonObject[];
    const results = output
      .filter((item) => item["type"] === "function_call")
      .map((item) => ({ type: "function_call_output", call_id: item["call_id"] ?? "", output: "ok" }));
    return { model: "m", input: [question, ...output, ...results] };
  }
  const content = answer["content"] as JsonObject[];
  const results = content
    .filter((block) => block["type"] === "tool_use")
    .map((block) => ({ type: "tool_result", tool_use_id: block["id"] ?? "", content: "ok" }));
  const after = results.length > 0 ? [{ role: "user", content: results }] : [];
  return { model: "m", max_tokens: 9, messages: [question, { role: "assistant", content }, ...after] };
}

const usage: fc.Arbitrary<Usage> = fc
  .record({ input: fc.nat(9000), output: fc.nat(9000), reasoning: fc.nat(9000), cacheRead: fc.nat(9000) })
  .map((counts) => ({
    ...noUsage,
    input: Math.max(counts.input, counts.cacheRead),
    output: Math.max(counts.output, counts.reasoning),
    reasoning: counts.reasoning,
    cacheRead: counts.cacheRead,
  }));
const answerParts = fc
  .array(
    fc.oneof<fc.Arbitrary<Part>[]>(
      words.map((text) => ({ kind: "text", text })),
      fc
        .tuple(words, base64)
        .map(([text, signature]) => ({ kind: "reasoning", text, signature, origin: "gemini" })),
      fc.tuple(name, json).map(([called, args]) => ({
        kind: "tool-call",
        id: "x",
        name: called,
        arguments: JSON.stringify(args),
      })),
    ),
    { minLength: 1, maxLength: 5 },
  )
  // Neighbouring texts are one, and ids are told apart.
  .map((parts) => parts.filter((part, index) => part.kind !== "text" || parts[index - 1]?.kind !== "text"))
  .map((parts) =>
    parts.map((part, index) => (part.kind === "tool-call" ? { ...part, id: `id${index}` } : part)),
  );
const finishOf = (parts: readonly Part[], finish: FinishReason): FinishReason =>
  finish === "stop" && parts.some((part) => part.kind === "tool-call") ? "tool-calls" : finish;

describe("an answer", () => {
  const finish = fc.constantFrom<FinishReason>("stop", "length", "refusal");

  it("survives whole", () => {
    fc.assert(
      fc.property(answerParts, usage, finish, (parts, counts, reason) => {
        const answer = {
          id: "r",
          model: "m",
          candidates: [{ parts, finish: finishOf(parts, reason) }],
          usage: counts,
          dialect: "gemini" as const,
        };
        const losses = new Losses();
        expect(gemini.decodeAnswer(gemini.encodeAnswer(answer, context, losses))).toEqual(answer);
        expect(losses.entries).toEqual([]);
      }),
    );
  });

  it("survives streamed", () => {
    fc.assert(
      fc.property(
        answerParts,
        usage,
        finish,
        fc.integer({ min: 1, max: 40 }),
        (parts, counts, reason, size) => {
          const events = eventsOf(parts, counts, finishOf(parts, reason));
          const encoder = gemini.streamEncoder(context);
          const bytes = Buffer.from(events.map((event) => encoder.push(event)).join(""));
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
          const decoded = decodeChunks(gemini.streamDecoder(), chunks);
          expectStrictOrder(decoded);
          const isContent = (event: StreamEvent) => event.kind !== "usage";
          expect(foldDeltas(decoded.filter(isContent))).toEqual(foldDeltas(events.filter(isContent)));
          expect(decoded.findLast((event) => event.kind === "usage")).toEqual({
            kind: "usage",
            usage: counts,
          });
        },
      ),
    );
  });
});

function eventsOf(parts: readonly Part[], counts: Usage, reason: FinishReason): StreamEvent[] {
  const events: StreamEvent[] = [{ kind: "start", id: "r", model: "m" }];
  parts.forEach((part, index) => {
    const place = { candidate: 0, index };
    if (part.kind === "text") events.push({ kind: "open", ...place, part: { kind: "text" } });
    else if (part.kind === "reasoning")
      events.push({ kind: "open", ...place, part: { kind: "reasoning", origin: "gemini" } });
    else if (part.kind === "tool-call")
      events.push({ kind: "open", ...place, part: { kind: "tool-call", id: part.id, name: part.name } });
    const text =
      part.kind === "tool-call"
        ? part.arguments
        : part.kind === "text" || part.kind === "reasoning"
          ? part.text
          : "";
    events.push({ kind: "delta", ...place, text });
    if (part.kind === "reasoning" && part.signature !== undefined)
      events.push({ kind: "signature", ...place, signature: part.signature });
    events.push({ kind: "close", ...place });
  });
  events.push({ kind: "finish", candidate: 0, reason }, { kind: "usage", usage: counts }, { kind: "end" });
  return events;
}

describe("hostile input", () => {
  const junk = fc.jsonValue({ maxDepth: 4 }).map((value) => value as JsonObject);
  const piece = fc.record(
    {
      candidates: fc.oneof(
        fc.array(
          fc.record(
            { index: fc.integer(), content: fc.record({ parts: fc.array(junk) }), finishReason: junk },
            { requiredKeys: [] },
          ),
        ),
        junk,
      ),
      promptFeedback: junk,
      usageMetadata: junk,
      error: junk,
      responseId: junk,
    },
    { requiredKeys: [] },
  );

  it("in a stream never throws, and keeps the order", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            piece.map((value) => JSON.stringify(value)),
            fc.string(),
          ),
        ),
        (lines) => {
          const bytes = Buffer.from(lines.map((line) => `data: ${line}\n\n`).join(""));
          expectStrictOrder(decodeChunks(gemini.streamDecoder(), [bytes]));
          const passing = gemini.passthrough.stream(true);
          expect(Buffer.concat([passing.push(bytes), passing.end()]).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("in a request is refused or read, and never a defect", () => {
    const spelled = fc.record(
      { contents: junk, systemInstruction: junk, tools: junk, toolConfig: junk, generationConfig: junk },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(spelled, junk), (value) => {
        if (typeof value !== "object" || value === null || Array.isArray(value)) return;
        try {
          encode(decode(value as JsonObject));
        } catch (error) {
          expect(error).toMatchObject({ name: "InvalidRequestError" });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("in a schema ends", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            "type",
            "anyOf",
            "oneOf",
            "allOf",
            "$ref",
            "enum",
            "const",
            "items",
            "properties",
            "required",
            "format",
            "minItems",
          ),
          junk,
        ),
        (value) => {
          expect(encodeSchema(value as JsonObject).schema).toBeTypeOf("object");
        },
      ),
      { numRuns: 300 },
    );
  });
});
