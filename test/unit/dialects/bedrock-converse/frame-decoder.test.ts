import { EventStreamCodec } from "@smithy/core/event-streams";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Frame,
  FrameDecoder,
  FrameError,
} from "../../../../src/dialects/bedrock-converse/frame-decoder.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text),
);
const encode = (name: string, payload: string) =>
  codec.encode({ headers: { [name]: { type: "string", value: "v" } }, body: Buffer.from(payload) });

function decode(decoder: FrameDecoder, ...chunks: Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(frame));
  return frames;
}

describe("frames", () => {
  it("come out as they went in, whatever the cuts", () => {
    const payloads = fc.array(fc.string({ unit: "grapheme", maxLength: 3000 }), { maxLength: 5 });
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(payloads, sizes, (texts, lengths) => {
        const bytes = Buffer.concat(texts.map((text) => encode(":event-type", text)));
        const chunks: Uint8Array[] = [];
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const length = lengths[n % lengths.length] ?? 1;
          chunks.push(bytes.subarray(at, at + length));
          at += length;
        }
        const decoder = new FrameDecoder();
        expect(decode(decoder, ...chunks).map(({ payload }) => payload)).toEqual(texts);
        expect(decoder.isAtBoundary).toBe(true);
      }),
    );
  });

  it("have their text headers, and no others", () => {
    const body = Buffer.from("{}");
    const headers = {
      ":event-type": { type: "string", value: "metadata" },
      number: { type: "integer", value: 7 },
      flag: { type: "boolean", value: true },
    } as const;
    const [frame] = decode(new FrameDecoder(), codec.encode({ headers, body }));
    const names = [":event-type", "number", "flag", "absent"];
    expect(names.map((name) => frame?.header(name))).toEqual(["metadata", undefined, undefined, undefined]);
  });

  it("before a broken one count", () => {
    const good = encode("a", "{}");
    const bad = encode("a", "{}");
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
    const seen: Frame[] = [];
    expect(() => new FrameDecoder().push(Buffer.concat([good, bad]), (frame) => seen.push(frame))).toThrow(
      FrameError,
    );
    expect(seen).toHaveLength(1);
  });

  it("are not waited for when their prelude is wrong", () => {
    const frame = encode("a", "{}");
    frame[1] = 0xff;
    expect(() => decode(new FrameDecoder(), frame.subarray(0, 12))).toThrow(/checksum/);
  });

  it("are bounded", () => {
    const frame = encode("a", "x".repeat(2000));
    expect(() => decode(new FrameDecoder(1000), frame.subarray(0, 12))).toThrow(/larger than 1000 bytes/);
    expect(decode(new FrameDecoder(5000), frame)).toHaveLength(1);
  });

  it("are known to be incomplete", () => {
    const decoder = new FrameDecoder();
    expect(decode(decoder, encode("a", "{}").subarray(0, 20))).toEqual([]);
    expect(decoder.isAtBoundary).toBe(false);
  });
});
