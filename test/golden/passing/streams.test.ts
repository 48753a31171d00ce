/** Event streams of formats that only pass: not a byte is changed, and usage and end are read, wherever they are cut. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import type { AnyDialectName } from "../../../src/conversation/parts.ts";
import { noUsage, type Usage } from "../../../src/conversation/usage.ts";
import type { PassthroughStream } from "../../../src/dialects/dialect.ts";
import { clientDialectNamed } from "../../../src/dialects/registry.ts";
import { everyCut } from "../every-cut.ts";

const folder = join(import.meta.dirname, "../../fixtures/passing");

function newStream(name: AnyDialectName, contentType = "text/event-stream"): PassthroughStream {
  return clientDialectNamed(name).passthrough.stream(true, "/", contentType);
}

function passed(stream: PassthroughStream, chunks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...chunks.map((chunk) => stream.push(chunk)), stream.end()]);
}

const picture = { input: 50, imageInput: 40, output: 50, imageOutput: 50 };

const cases: ReadonlyArray<
  readonly [file: string, name: AnyDialectName, usage: Partial<Usage> | undefined, isComplete: boolean]
> = [
  ["image-generation.sse", "openai-images", { ...picture, units: { images: 1 } }, true],
  ["image-edit.sse", "openai-images", { ...picture, units: { images: 1 } }, true],
  ["image-late-error.sse", "openai-images", undefined, false],
  ["image-cut.sse", "openai-images", undefined, false],
  ["speech.sse", "openai-speech", { input: 14, output: 101, audioOutput: 101 }, true],
  ["transcript.sse", "openai-transcriptions", { input: 14, audioInput: 14, output: 45 }, true],
  [
    "transcript-mistral.sse",
    "openai-transcriptions",
    { input: 8, output: 4, units: { audioMs: 3000 } },
    true,
  ],
  ["transcript-vllm.sse", "openai-transcriptions", { input: 200, output: 3 }, true],
];

describe("a stream cut anywhere", () => {
  it.each(cases)("%s", (file, name, usage, isComplete) => {
    const bytes = readFileSync(join(folder, file));
    const expected = usage === undefined ? undefined : { ...noUsage, ...usage };
    for (const { chunks, cut } of [{ chunks: [bytes], cut: "whole" }, ...everyCut(bytes)]) {
      const stream = newStream(name);
      expect(passed(stream, chunks).equals(bytes), cut).toBe(true);
      expect(stream.usage, cut).toEqual(expected);
      expect([stream.started, stream.complete, stream.firstError], cut).toEqual([
        true,
        isComplete,
        undefined,
      ]);
      expect(stream.outputCharacters, cut).toBeGreaterThan(0);
    }
  });

  it("names the model where the events do", () => {
    const model = (file: string) => {
      const stream = newStream("openai-transcriptions");
      passed(stream, [readFileSync(join(folder, file))]);
      return stream.model;
    };
    expect(model("transcript-mistral.sse")).toBe("voxtral-mini-2602");
    expect(model("transcript-vllm.sse")).toBe("openai/whisper-large-v3");
    expect(model("transcript.sse")).toBeUndefined();
  });
});

test("an error that comes first can still become a status", () => {
  const bytes = readFileSync(join(folder, "image-error.sse"));
  for (const { chunks, cut } of everyCut(bytes)) {
    const stream = newStream("openai-images");
    passed(stream, chunks);
    expect(stream.firstError, cut).toMatchObject({
      code: "moderation_blocked",
      message: "Your request was rejected by the safety system.",
    });
    expect(stream.complete).toBe(false);
  }
});

test("a comment keeps the line open and is no beginning", () => {
  const stream = newStream("openai-images");
  expect(Buffer.from(stream.push(Buffer.from(": keep-alive\n\n"))).toString()).toBe(": keep-alive\n\n");
  expect([stream.started, stream.outputCharacters]).toEqual([false, 0]);
});

test("of several pictures each is counted, and the stream is whole after the last", () => {
  const stream = newStream("openai-images");
  const done = `data: ${JSON.stringify({ type: "image_generation.completed", b64_json: "AA==" })}\n\n`;
  const partial = `data: ${JSON.stringify({ type: "image_generation.partial_image", b64_json: "AA==" })}\n\n`;
  stream.push(Buffer.from(done));
  stream.push(Buffer.from(partial));
  expect(stream.complete).toBe(false);
  stream.push(Buffer.from(done));
  expect(stream.complete).toBe(true);
  expect(stream.usage).toEqual({ ...noUsage, units: { images: 2 } });
});

describe("pictures of megabytes", () => {
  const usage = { input_tokens: 10, output_tokens: 6208, total_tokens: 6218 };
  const completed = (megabytes: number) => {
    const event = { type: "image_generation.completed", b64_json: "A".repeat(megabytes << 20), usage };
    return Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  const slices = (bytes: Buffer) =>
    Array.from({ length: Math.ceil(bytes.length / 262_144) }, (_, at) =>
      bytes.subarray(at * 262_144, (at + 1) * 262_144),
    );

  it("are read for their usage", () => {
    const stream = newStream("openai-images");
    const bytes = completed(6);
    expect(passed(stream, slices(bytes)).equals(bytes)).toBe(true);
    expect(stream.usage).toEqual({
      ...noUsage,
      input: 10,
      imageInput: 0,
      output: 6208,
      imageOutput: 6208,
      units: { images: 1 },
    });
    expect(stream.complete).toBe(true);
  });

  it("beyond what is held pass unread", () => {
    const stream = newStream("openai-images");
    const bytes = completed(33);
    expect(passed(stream, slices(bytes)).equals(bytes)).toBe(true);
    expect([stream.usage, stream.complete]).toEqual([undefined, true]);
  });
});

test("sound passes as it comes, and tells nothing but its size", () => {
  const stream = newStream("openai-speech", "audio/mpeg");
  const chunk = Uint8Array.of(0xff, 0xfb, 0x0a, 0x0a);
  expect(stream.push(chunk)).toBe(chunk);
  expect([stream.started, stream.complete, stream.outputCharacters]).toEqual([true, false, 4]);
  expect(stream.end()).toHaveLength(0);
  expect([stream.complete, stream.usage]).toEqual([true, undefined]);
});

test.each([
  ["openai-speech", "audio/mpeg", true],
  ["openai-speech", "application/octet-stream", true],
  ["openai-speech", "text/event-stream; charset=utf-8", true],
  ["openai-speech", "application/json", false],
  ["openai-images", "text/event-stream", undefined],
] as const)("%s answered as %s goes on at once: %s", (name, contentType, expected) => {
  expect(clientDialectNamed(name).passthrough.streams?.(contentType)).toBe(expected);
});
