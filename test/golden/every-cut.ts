/**
 * Decodes a recorded stream whole, byte by byte and with an edge at every byte, and demands the same events each
 * time: bytes arrive cut anywhere, inside a character or between CR and LF as well.
 */
import { expect } from "vitest";
import type { StreamEvent } from "../../src/conversation/events.ts";
import type { StreamDecoder } from "../../src/dialects/dialect.ts";

/** All events of a stream that arrives in these chunks. */
export function decodeChunks(decoder: StreamDecoder, chunks: readonly Uint8Array[]): StreamEvent[] {
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

/** Joins neighbouring deltas of one part, so that streams compare by what they say and not by their pieces. */
export function foldDeltas(events: readonly StreamEvent[]): StreamEvent[] {
  const folded: StreamEvent[] = [];
  for (const event of events) {
    const last = folded.at(-1);
    if (
      event.kind === "delta" &&
      last?.kind === "delta" &&
      last.candidate === event.candidate &&
      last.index === event.index
    ) {
      folded[folded.length - 1] = { ...last, text: last.text + event.text };
    } else folded.push(event);
  }
  return folded;
}

/** Longest stream that is cut in two at every byte; that takes time that grows with the square of the length. */
const maxTwoPieceBytes = 2048;
/** Longer streams are cut into pieces of this many bytes, from every offset, so that each byte is an edge once. */
const pieceBytes = 61;

/** Checks every cut of the stream; returns the events of the whole one, unfolded. */
export function expectEveryCutEqual(bytes: Uint8Array, newDecoder: () => StreamDecoder): StreamEvent[] {
  const whole = decodeChunks(newDecoder(), [bytes]);
  const expected = JSON.stringify(foldDeltas(whole));
  const check = (chunks: readonly Uint8Array[], cut: string) => {
    const events = foldDeltas(decodeChunks(newDecoder(), chunks));
    // Compared as text first: thousands of deep comparisons would take most of the test's time.
    if (JSON.stringify(events) !== expected) expect(events, cut).toEqual(JSON.parse(expected));
  };
  for (const { chunks, cut } of everyCut(bytes)) check(chunks, cut);
  return whole;
}

/** The same bytes in chunks, so that each byte is an edge at least once. */
export function* everyCut(bytes: Uint8Array): Iterable<{ chunks: readonly Uint8Array[]; cut: string }> {
  yield { chunks: pieces(bytes, 1, 0), cut: "byte by byte" };
  for (let offset = 0; offset < pieceBytes; offset++) {
    const cut = `pieces of ${pieceBytes} bytes from byte ${offset}`;
    yield { chunks: pieces(bytes, pieceBytes, offset), cut };
  }
  for (let at = 0; at <= bytes.length && bytes.length <= maxTwoPieceBytes; at++) {
    yield { chunks: [bytes.subarray(0, at), bytes.subarray(at)], cut: `cut at byte ${at}` };
  }
}

function pieces(bytes: Uint8Array, size: number, offset: number): Uint8Array[] {
  const list = [bytes.subarray(0, offset)];
  for (let at = offset; at < bytes.length; at += size) list.push(bytes.subarray(at, at + size));
  return list;
}

/** Checks the order that `conversation/events.ts` promises to encoders. */
export function expectStrictOrder(events: readonly StreamEvent[]): void {
  const parts = new Map<number, { next: number; open: number | undefined; finished: boolean }>();
  const state = (candidate: number) => {
    const known = parts.get(candidate) ?? { next: 0, open: undefined, finished: false };
    parts.set(candidate, known);
    return known;
  };
  const last = events.at(-1)?.kind;
  expect(["end", "error"], "the last event").toContain(last);
  events.forEach((event, position) => {
    const where = `event ${position}: ${JSON.stringify(event)}`;
    if (event.kind === "end" || event.kind === "error") expect(position, where).toBe(events.length - 1);
    if (event.kind === "start")
      expect(
        events.slice(0, position).every((e) => e.kind === "ping"),
        where,
      ).toBe(true);
    if (!("candidate" in event)) return;
    expect(
      events.findIndex((e) => e.kind === "start"),
      where,
    ).toBeGreaterThanOrEqual(0);
    const candidate = state(event.candidate);
    expect(candidate.finished, where).toBe(false);
    if (event.kind === "open" || event.kind === "part") {
      expect([candidate.open, event.index], where).toEqual([undefined, candidate.next]);
      candidate.next++;
      if (event.kind === "open") candidate.open = event.index;
    } else if (event.kind === "delta" || event.kind === "signature" || event.kind === "close") {
      expect(event.index, where).toBe(candidate.open);
      if (event.kind === "close") candidate.open = undefined;
    } else if (event.kind === "finish") {
      expect(candidate.open, where).toBe(undefined);
      candidate.finished = true;
    }
  });
  if (last === "end")
    expect(
      [...parts.values()].every((part) => part.finished),
      "all finished",
    ).toBe(true);
}
