/**
 * Decodes a recorded stream framed in every other way that server-sent events allow, and demands the same events each
 * time: proxies and vendors end lines otherwise, put comments between events and break data into several lines.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { expect } from "vitest";
import type { StreamEvent } from "../../src/conversation/events.ts";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { decodeChunks, foldDeltas } from "./every-cut.ts";

/** Of a text whose lines end with LF. */
const framings: Readonly<Record<string, (text: string) => string>> = {
  "lines that end with LF": (text) => text,
  "lines that end with CRLF": (text) => text.replaceAll("\n", "\r\n"),
  "lines that end with CR": (text) => text.replaceAll("\n", "\r"),
  "comments between events": (text) => text.replaceAll("\n\n", "\n\n: keep-alive\n\n"),
  "comments inside of events": (text) => text.replace(/^data:/gm, ": é\n:\ndata:"),
  "data of several lines": (text) => text.replace(/^data: \{/gm, "data: {\ndata: "),
  "nothing behind the colon": (text) => text.replace(/^(data|event): /gm, "$1:"),
  "ids and times to retry": (text) => text.replace(/^data:/gm, "id: 1\nretry: 10\nunknown: x\ndata:"),
  "a byte order mark": (text) => `\uFEFF${text}`,
};

/** Also checks that what passes is read alike, and forwarded untouched. */
export function expectEveryFramingEqual(dialect: Dialect, bytes: Uint8Array): void {
  const text = Buffer.from(bytes).toString().replace(/\r\n?/g, "\n");
  const expected = said(decodeChunks(dialect.streamDecoder(), [bytes]));
  const { usage, complete, outputCharacters } = passed(dialect, bytes);
  for (const [name, framed] of Object.entries(framings)) {
    const other = Buffer.from(framed(text));
    expect(said(decodeChunks(dialect.streamDecoder(), [other])), name).toEqual(expected);
    const byByte = Array.from(other, (byte) => Uint8Array.of(byte));
    expect(said(decodeChunks(dialect.streamDecoder(), byByte)), `${name}, byte by byte`).toEqual(expected);
    expect(passed(dialect, other), name).toMatchObject({ usage, complete, outputCharacters, out: other });
  }
}

/** Keep-alives are what framings differ in. */
function said(events: readonly StreamEvent[]): StreamEvent[] {
  return foldDeltas(events.filter(({ kind }) => kind !== "ping"));
}

function passed(dialect: Dialect, bytes: Uint8Array) {
  const stream = dialect.passthrough.stream(true);
  const out = Buffer.concat([stream.push(bytes), stream.end()]);
  const { usage, complete, outputCharacters } = stream;
  return { out, usage, complete, outputCharacters };
}
