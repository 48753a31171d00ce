/** Recorded streams for a client that asked for an array: the same objects as in the events, wherever bytes were cut. */
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../src/dialects/bedrock-converse/index.ts";
import type { TargetDialect } from "../../../src/dialects/dialect.ts";
import { gemini } from "../../../src/dialects/gemini/index.ts";
import { decodeChunks, everyCut } from "../every-cut.ts";
import { bytesOf, context, recorded, sides } from "../pairs/recordings.ts";

const path = "/v1beta/models/m:streamGenerateContent";
const streams = (dialect: Parameters<typeof recorded>[0]) => recorded(dialect, "stream");
/** Answers that are complete, or end with an error of the provider. */
const passing = streams(gemini).filter((name) => !name.startsWith("overloaded-first"));

const dataOf = (events: string): unknown[] =>
  events
    .split(/\r?\n\r?\n/)
    .filter((event) => event.startsWith("data:"))
    .map((event) => JSON.parse(event.slice("data:".length)));

function pass(...chunks: readonly Uint8Array[]): string {
  const stream = gemini.passthrough.stream(true, path);
  const out = chunks.map((chunk) => stream.push(chunk));
  return Buffer.concat([...out, stream.end()]).toString();
}

/** Where a stream may end early: at every byte of a short one, at some in every event of a long one. */
const stepOf = (bytes: Uint8Array) => (bytes.length <= 4096 ? 1 : 61);

describe.each(passing)("%s that passes", (name) => {
  const bytes = bytesOf(gemini, name);
  const whole = pass(bytes);

  it("holds the same objects, each with its own bytes", () => {
    expect(JSON.parse(whole)).toEqual(dataOf(bytes.toString()));
    const payloads = bytes
      .toString()
      .split(/\r\n\r\n/)
      .filter(Boolean);
    expect(whole).toBe(`[${payloads.map((event) => event.slice("data: ".length)).join(",\r\n")}]`);
  });

  it("is the same at every cut", () => {
    for (const { chunks, cut } of everyCut(bytes)) {
      const text = pass(...chunks);
      if (text !== whole) expect(text, cut).toBe(whole);
    }
  });

  it("is no array when the provider's bytes end early", () => {
    const text = bytes.toString();
    const ending = Buffer.byteLength(text.slice(0, text.search(/"(finishReason|blockReason|error)"/)));
    expect(ending).toBeGreaterThan(0);
    for (let end = 0; end < ending; end += stepOf(bytes)) {
      const cut = pass(bytes.subarray(0, end));
      expect(() => JSON.parse(cut), `ends at byte ${end}`).toThrow(SyntaxError);
    }
  });
});

const others: TargetDialect[] = [...new Set(sides.map(({ dialect }) => dialect)), bedrockConverse];
const recordings = others.flatMap((dialect) => streams(dialect).map((name) => [dialect, name] as const));

describe.each(recordings.map(([dialect, name]) => ({ dialect, name, from: dialect.name })))(
  "$from/$name, translated",
  ({ dialect, name }) => {
    const bytes = bytesOf(dialect, name);
    const events = decodeChunks(dialect.streamDecoder(), [bytes]);
    const encode = (at: string) => {
      const encoder = gemini.streamEncoder({ ...context, path: at });
      return events.map((event) => encoder.push(event)).join("");
    };

    it("holds the objects of the events", () => {
      const isCut = events.some((event) => event.kind === "error" && event.error.kind === "bad-gateway");
      const array = encode(path);
      if (isCut) expect(() => JSON.parse(array)).toThrow(SyntaxError);
      expect(JSON.parse(isCut ? `${array}]` : array)).toEqual(dataOf(encode(`${path}?alt=sse`)));
    });
  },
);
