/**
 * An event stream's data as the elements of a JSON array, byte for byte as it came: for clients that asked for the array
 * where the provider was asked for events.
 *
 * Works on bytes and holds none back, so that an event too large to be read (an image) passes as well.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { arrayEnd, arraySeparator, arrayStart } from "./framing.ts";

const LF = 10;
const CR = 13;
const space = 32;
const field = Buffer.from("data:");
const byteOrderMark = Buffer.from("\ufeff");

/** One per answer. */
export class PassingArray {
  /** What goes before the next byte of data: the start of the array, or what parts an element from the last. */
  #before = arrayStart;
  /** How much of the field's name the line has shown; -1 when it has another name. */
  #matched = 0;
  /** The line has shown more than the name. */
  #inValue = false;
  #isLineEmpty = true;
  /** A CR ended the last line: an LF that follows belongs to it. */
  #wasCr = false;
  /** The event under way has data already. */
  #inElement = false;
  #isFirst = true;

  push(bytes: Uint8Array): Uint8Array {
    const out: Uint8Array[] = [];
    let at = this.#isFirst ? this.#skipMark(bytes) : 0;
    while (at < bytes.length) at = this.#step(bytes, at, out);
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }

  /** The end of an array that is complete; nothing when there is none. */
  end(): Uint8Array {
    return Buffer.from(this.#before === arrayStart ? "" : arrayEnd);
  }

  #skipMark(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    this.#isFirst = false;
    return byteOrderMark.equals(bytes.subarray(0, byteOrderMark.length)) ? byteOrderMark.length : 0;
  }

  /** @returns where the next step begins */
  #step(bytes: Uint8Array, at: number, out: Uint8Array[]): number {
    const byte = bytes[at];
    if (byte === LF && this.#wasCr) {
      this.#wasCr = false;
      return at + 1;
    }
    this.#wasCr = byte === CR;
    if (byte === LF || byte === CR) {
      this.#endLine();
      return at + 1;
    }
    this.#isLineEmpty = false;
    if (this.#matched >= 0 && this.#matched < field.length) {
      this.#matched = byte === field[this.#matched] ? this.#matched + 1 : -1;
      return at + 1;
    }
    const end = lineEnd(bytes, at);
    if (this.#matched === field.length) this.#value(bytes, at, end, out);
    return end;
  }

  #value(bytes: Uint8Array, start: number, end: number, out: Uint8Array[]): void {
    const isContinued = this.#inValue;
    this.#inValue = true;
    const from = !isContinued && bytes[start] === space ? start + 1 : start;
    if (from === end) return;
    // Lines of one event's data are parted by nothing: between JSON's tokens that means the same.
    if (!this.#inElement) {
      out.push(Buffer.from(this.#before));
      this.#before = arraySeparator;
      this.#inElement = true;
    }
    out.push(bytes.subarray(from, end));
  }

  #endLine(): void {
    if (this.#isLineEmpty) this.#inElement = false;
    this.#isLineEmpty = true;
    this.#matched = 0;
    this.#inValue = false;
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === LF || bytes[at] === CR) return at;
  return bytes.length;
}
