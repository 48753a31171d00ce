import { describe, expect, it } from "vitest";
import { imageSize } from "../../../../src/tokens/counting/media/image-size.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex");
const base64 = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.alloc(64)]).toString("base64");

/** A segment with its marker and length. */
function segment(marker: number, length: number): Buffer {
  const bytes = Buffer.alloc(length + 2);
  bytes.set([0xff, marker]);
  bytes.writeUInt16BE(length, 2);
  return bytes;
}

const start = hex("FFD8");
/** 640 × 480. */
const frame = (marker: string) => hex(`FF${marker} 0011 08 01E0 0280 03 01220002110103110100`);

describe("the size in the head of", () => {
  it.each([
    // The one-pixel files are whole, as encoders write them.
    [
      "a PNG",
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      1,
      1,
    ],
    [
      "a PNG of 300 × 200",
      base64(hex("89504E470D0A1A0A 0000000D 49484452 0000012C 000000C8 08060000")),
      300,
      200,
    ],
    ["a GIF", "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", 1, 1],
    ["a GIF of 1024 × 3", base64(Buffer.from("GIF87a"), hex("0004 0300")), 1024, 3],
    [
      "a lossy WebP",
      base64(Buffer.from("RIFF....WEBPVP8 "), hex("00000000 300100 9D012A"), hex("2C01 C800")),
      300,
      200,
    ],
    ["a lossless WebP", "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==", 1, 1],
    [
      "an extended WebP",
      base64(Buffer.from("RIFF....WEBPVP8X"), hex("0A000000 10000000"), hex("2B0100 C70000")),
      300,
      200,
    ],
    ["a baseline JPEG", base64(start, segment(0xe0, 16), frame("C0")), 640, 480],
    ["a progressive JPEG", base64(start, segment(0xe0, 16), segment(0xdb, 67), frame("C2")), 640, 480],
    ["a JPEG with tables before its frame", base64(start, segment(0xc4, 30), frame("C1")), 640, 480],
    ["a JPEG with fill bytes", base64(start, hex("FFFFFF"), frame("C0")), 640, 480],
    [
      "a JPEG behind 300 kB of metadata",
      base64(start, ...Array.from({ length: 5 }, () => segment(0xe2, 0xffff)), frame("C0")),
      640,
      480,
    ],
  ])("%s", (_name, data, width, height) => {
    expect(imageSize(data)).toEqual({ width, height });
  });

  it.each([
    ["nothing", ""],
    ["text", base64(Buffer.from("hello"))],
    ["what is not base64", "%%%%"],
    ["a PNG that is cut", "iVBORw0KGgoAAAANSUhEUg=="],
    ["a PNG without height", base64(hex("89504E470D0A1A0A 0000000D 49484452 0000012C 00000000"))],
    ["a JPEG that is cut", start.toString("base64")],
    ["a JPEG whose segments lead nowhere", base64(start, segment(0xe0, 16), hex("1234"))],
    ["a JPEG without a frame", base64(start, ...Array.from({ length: 20 }, () => segment(0xe2, 0xffff)))],
    ["a JPEG of empty segments", base64(start, Buffer.alloc(4_000_000, hex("FFE10000")))],
    ["a WebP of another kind", base64(Buffer.from("RIFF....WEBPVP9 "), Buffer.alloc(20, 1))],
  ])("%s: none", (_name, data) => {
    expect(imageSize(data)).toBeUndefined();
  });
});
