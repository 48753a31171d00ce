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
  /** The event's bytes as they came, with the blank line that ends it. */
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
const decoder = new TextDecoder("utf-8");

export class SseDecoder {
  readonly #limitBytes: number;
  /** Bytes of the event under way. */
  #pending: Uint8Array = new Uint8Array(0);
  /** How far into `#pending` the search for its end has come: every byte is looked at once. */
  #scanned = 0;
  /** Where the line under search begins. */
  #lineStart = 0;
  /** The last block ended in a CR: an LF that comes first now belongs to it. */
  #afterCr = false;

  /** @param limitBytes the largest event allowed, 16 MiB unless told otherwise */
  constructor(limitBytes = 16 * 1024 * 1024) {
    this.#limitBytes = limitBytes;
  }

  /** @throws SseTooLargeError */
  push(chunk: Uint8Array): SseEvent[] {
    this.#append(chunk);
    const events: SseEvent[] = [];
    for (let end = this.#blockEnd(); end >= 0; end = this.#blockEnd()) {
      events.push(parse(this.#pending.subarray(0, end)));
      this.#pending = this.#pending.subarray(end);
      this.#scanned = 0;
      this.#lineStart = 0;
    }
    if (this.#pending.length > this.#limitBytes) throw new SseTooLargeError(this.#limitBytes);
    return events;
  }

  /** The stream has ended: what is left counts as an event, since some providers omit the last blank line. */
  end(): SseEvent[] {
    const rest = this.#pending;
    this.#pending = new Uint8Array(0);
    this.#scanned = 0;
    this.#lineStart = 0;
    return rest.length > 0 ? [parse(rest)] : [];
  }

  /** The bytes not yet returned as part of an event. */
  get pending(): Uint8Array {
    return this.#pending;
  }

  #append(chunk: Uint8Array): void {
    let fresh = chunk;
    if (this.#afterCr && fresh.length > 0) {
      if (fresh[0] === LF) fresh = fresh.subarray(1);
      this.#afterCr = false;
    }
    if (this.#pending.length === 0) {
      this.#pending = fresh;
      return;
    }
    const joined = new Uint8Array(this.#pending.length + fresh.length);
    joined.set(this.#pending);
    joined.set(fresh, this.#pending.length);
    this.#pending = joined;
  }

  /** The index after the next blank line, or -1. */
  #blockEnd(): number {
    const bytes = this.#pending;
    for (let i = this.#scanned; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte !== LF && byte !== CR) continue;
      const isEmpty = i === this.#lineStart;
      if (byte === CR && bytes[i + 1] === LF) i++;
      else if (byte === CR && i + 1 === bytes.length) {
        // The LF of a CRLF may come with the next chunk. A blank line is a blank line either way.
        if (!isEmpty) {
          this.#scanned = i;
          return -1;
        }
        this.#afterCr = true;
      }
      this.#lineStart = i + 1;
      if (isEmpty) return i + 1;
    }
    this.#scanned = bytes.length;
    return -1;
  }
}

function parse(raw: Uint8Array): SseEvent {
  let event = "";
  let data: string | undefined;
  for (const line of decoder.decode(raw).split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    if (colon === 0 || line === "") continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "event") event = value;
  }
  return { event, data: data ?? "", raw };
}
