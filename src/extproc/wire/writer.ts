import { WireError } from "./error.ts";

// Wire types; see the reader.
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/** Up to this many characters a loop beats the call into the runtime. */
const SHORT_TEXT = 24;

/**
 * Writes protobuf from the end of the buffer to its beginning, so that the length of everything is known
 * when it must be written: one pass, one allocation when the capacity was estimated well.
 *
 * Fields must therefore be written in reverse order, and an embedded message's fields before its
 * {@link message} tag. A field number above 15 is not supported: the contract has none.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class Writer {
  #buffer: Buffer;
  #position: number;

  /** @param capacity expected size in bytes; the buffer grows when it was too small */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#position = capacity;
  }

  /** Marks the end of an embedded message that is about to be written; hand it to {@link message}. */
  get mark(): number {
    return this.#buffer.length - this.#position;
  }

  /** What was written, as a view. */
  finish(): Buffer {
    return this.#buffer.subarray(this.#position);
  }

  /** Closes an embedded message: its length and tag, in front of what was written since the mark. */
  message(field: number, mark: number): void {
    this.#reserve(6);
    this.#lengthAndTag(field, this.mark - mark);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#reserve(value.length + 6);
    this.#position -= value.length;
    this.#buffer.set(value, this.#position);
    this.#lengthAndTag(field, value.length);
  }

  /** A string, or text for a `bytes` field: UTF-8 in both. */
  text(field: number, value: string): void {
    const length = this.#shortAscii(value) ? value.length : this.#utf8(value);
    this.#lengthAndTag(field, length);
  }

  /** A bool, an enum or a non-negative integer. */
  varint(field: number, value: number): void {
    this.#reserve(11);
    this.#unsigned(value);
    this.#tag(field, VARINT);
  }

  bool(field: number, value: boolean): void {
    this.varint(field, value ? 1 : 0);
  }

  double(field: number, value: number): void {
    this.#reserve(9);
    this.#position -= 8;
    this.#buffer.writeDoubleLE(value, this.#position);
    this.#tag(field, FIXED64);
  }

  #shortAscii(value: string): boolean {
    const length = value.length;
    if (length > SHORT_TEXT) return false;
    this.#reserve(length + 6);
    const at = this.#position - length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#buffer[at + i] = code;
    }
    this.#position = at;
    return true;
  }

  #utf8(value: string): number {
    const length = Buffer.byteLength(value);
    this.#reserve(length + 6);
    this.#position -= length;
    this.#buffer.write(value, this.#position, length, "utf8");
    return length;
  }

  #lengthAndTag(field: number, length: number): void {
    this.#unsigned(length);
    this.#tag(field, LENGTH_DELIMITED);
  }

  #tag(field: number, wireType: number): void {
    this.#buffer[--this.#position] = field * 8 + wireType;
  }

  #unsigned(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new WireError(`${value} is no unsigned integer`);
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
    this.#position -= size;
    let at = this.#position;
    let rest = value;
    for (; size > 1; size--) {
      this.#buffer[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[at] = rest;
  }

  #reserve(size: number): void {
    if (this.#position >= size) return;
    const written = this.mark;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, written + size));
    this.#buffer.copy(grown, grown.length - written, this.#position);
    this.#buffer = grown;
    this.#position = grown.length - written;
  }
}
