/**
 * A push decoder for server-sent events: bytes in, complete events out.
 *
 * Works on bytes so that a multi-byte character, a CRLF or a field name may be cut anywhere between two
 * chunks, and so that the caller can forward the untouched bytes of an event.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

/** One event of the stream. */
export interface SseEvent {
  /** The `event` field; empty when there was none. */
  readonly event: string;
  /** The `data` lines, joined by newlines. Empty for comments and blank blocks. */
  readonly data: string;
  /** The event's bytes as they came, with the blank line that ends it. All events' bytes make up the stream. */
  readonly raw: Uint8Array;
}

/** The stream held an event larger than the limit. */
export class SseTooLargeError extends Error {
  constructor(limitBytes: number) {
    super(`an event of the stream is larger than ${limitBytes} bytes`);
    this.name = "SseTooLargeError";
  }
}

const LF = 10;
const CR = 13;
/** Room that a new buffer has at least, so that streams of single bytes do not allocate for each. */
const minimumRoom = 1024;
const dataPrefix = "data: ";
/** Larger events, such as pictures, are only made text of when somebody asks: megabytes take tens of milliseconds. */
const largestEagerBytes = 64 * 1024;

/** Feed it chunks in order; each push returns the events that became whole. */
export class SseDecoder {
  readonly #limitBytes: number;
  /**
   * The bytes under way stand in `#buffer` from `#start` to `#end`. Room behind `#end` is only ever written to
   * once, and bytes before `#start` never again: events already handed out are views of them.
   */
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** How far the search for the event's end has come: every byte is looked at once. */
  #scanned = 0;
  /** Where the line under search begins. */
  #lineStart = 0;
  /** False while `#buffer` is the caller's chunk, which must not be written to. */
  #isOwn = false;
  #isFirst = true;

  /** @param limitBytes the largest event allowed, 8 MiB unless told otherwise */
  constructor(limitBytes = 8 * 1024 * 1024) {
    this.#limitBytes = limitBytes;
  }

  /**
   * The events' `raw` may be views of the chunk: do not write to it afterwards.
   * @throws SseTooLargeError
   */
  push(chunk: Uint8Array): SseEvent[] {
    this.#append(chunk);
    const events: SseEvent[] = [];
    for (let end = this.#blockEnd(); end >= 0; end = this.#blockEnd()) events.push(this.#take(end));
    if (this.#end - this.#start > this.#limitBytes) throw new SseTooLargeError(this.#limitBytes);
    return events;
  }

  /** The stream has ended: what is left counts as an event, since some providers omit the last blank line. */
  end(): SseEvent[] {
    return this.#end > this.#start ? [this.#take(this.#end)] : [];
  }

  /** Some bytes have not been returned as part of an event yet. */
  get hasPending(): boolean {
    return this.#end > this.#start;
  }

  /** The bytes not yet returned as part of an event. */
  get pending(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  #take(end: number): SseEvent {
    if (end - this.#start > this.#limitBytes) throw new SseTooLargeError(this.#limitBytes);
    const raw = this.#buffer.subarray(this.#start, end);
    const event =
      raw.length > largestEagerBytes ? new LargeEvent(raw, this.#isFirst) : parse(raw, this.#isFirst);
    this.#isFirst = false;
    this.#start = end;
    this.#scanned = end;
    this.#lineStart = end;
    return event;
  }

  #append(chunk: Uint8Array): void {
    const held = this.#end - this.#start;
    if (held === 0) {
      this.#buffer = chunk;
      this.#isOwn = false;
      this.#start = 0;
      this.#end = chunk.length;
      this.#scanned = 0;
      this.#lineStart = 0;
      return;
    }
    if (!this.#isOwn || this.#end + chunk.length > this.#buffer.length) {
      // Doubling keeps the copying linear in the size of the event, however small its chunks.
      const grown = new Uint8Array(Math.max(minimumRoom, 2 * (held + chunk.length)));
      grown.set(this.pending);
      this.#scanned -= this.#start;
      this.#lineStart -= this.#start;
      this.#buffer = grown;
      this.#isOwn = true;
      this.#start = 0;
      this.#end = held;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The index after the next blank line, or -1. */
  #blockEnd(): number {
    const bytes = this.#buffer;
    const end = this.#end;
    for (let i = this.#scanned; i < end; i++) {
      const byte = bytes[i];
      if (byte !== LF && byte !== CR) continue;
      const isEmpty = i === this.#lineStart;
      if (byte === CR) {
        // The LF of a CRLF may come with the next chunk, and it belongs to this event's bytes.
        if (i + 1 === end) {
          this.#scanned = i;
          return -1;
        }
        if (bytes[i + 1] === LF) i++;
      }
      this.#lineStart = i + 1;
      if (isEmpty) return i + 1;
    }
    this.#scanned = end;
    return -1;
  }
}

class LargeEvent implements SseEvent {
  readonly raw: Uint8Array;
  readonly #isFirst: boolean;
  #parsed: SseEvent | undefined;

  constructor(raw: Uint8Array, isFirst: boolean) {
    this.raw = raw;
    this.#isFirst = isFirst;
  }

  get event(): string {
    return this.#text.event;
  }

  get data(): string {
    return this.#text.data;
  }

  get #text(): SseEvent {
    this.#parsed ??= parse(this.raw, this.#isFirst);
    return this.#parsed;
  }
}

function parse(raw: Uint8Array, isFirst: boolean): SseEvent {
  let text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("utf8");
  if (isFirst && text.startsWith("\ufeff")) text = text.slice(1);
  // What nearly every event of every provider looks like: one line of data, a line feed, a blank line.
  const lineEnd = text.length - 2;
  if (text.startsWith(dataPrefix) && text.indexOf("\n") === lineEnd && !text.includes("\r")) {
    return { event: "", data: text.slice(dataPrefix.length, lineEnd), raw };
  }
  let event = "";
  let data: string | undefined;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    if (colon === 0 || line === "") continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "event") event = value;
  }
  return { event, data: data ?? "", raw };
}
