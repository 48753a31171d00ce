/** Recorded traffic as answers of a scripted provider. */
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../../src/json/types.ts";
import { json, type Piece, stream, type UpstreamAnswer } from "../harness/upstream-answers.ts";

const fixtures = new URL("../../fixtures/", import.meta.url);

export function recordedBytes(path: string): Buffer {
  return readFileSync(new URL(path, fixtures));
}

export function recordedJson(path: string): JsonObject {
  return JSON.parse(recordedBytes(path).toString("utf8")) as JsonObject;
}

/** `*.sse`: streamed, cut at odd places; `*.json`: whole. @param path below `test/fixtures` */
export function recording(path: string, status = 200): UpstreamAnswer {
  if (path.endsWith(".sse")) return inPieces(recordedBytes(path));
  return json(recordedJson(path), status);
}

/** Lengths that never fall in step with events, lines or characters. Bytes. */
const lengths = [1, 7, 61, 2, 13, 151, 3, 29, 83, 5, 211, 17];

/** A stream cut inside its lines, line ends and characters, with pauses, so that the cuts survive the network. */
export function inPieces(bytes: string | Uint8Array, end?: "finish" | "reset" | "hang"): UpstreamAnswer {
  const all = Buffer.from(bytes);
  const pieces: Piece[] = [];
  for (let start = 0, n = 0; start < all.length; n++) {
    const length = lengths[n % lengths.length] ?? 1;
    pieces.push(all.subarray(start, start + length));
    if (n % 9 === 4) pieces.push({ waitMs: 1 });
    start += length;
  }
  // A reset on the heels of the bytes may overtake them in Envoy; here the stream has begun before it breaks.
  if (end === "reset") pieces.push({ waitMs: 200 });
  return stream(pieces, end === undefined ? {} : { end });
}
