import { isUtf8 } from "node:buffer";
import { WireError } from "./error.ts";

// Wire types; groups (3 and 4) are refused.
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const MAX_FIELD = 2 ** 29 - 1;

/**
 * Reads protobuf from a buffer, never past its end and never copying bytes.
 *
 * One reader walks a whole message: an embedded message is entered with {@link enter} and left with
 * {@link leave}, which costs no object each. Every typed read takes the field's tag and refuses a wire type
 * that is not the field's own.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class Reader {
  readonly #buffer: Buffer;
  #position = 0;
  #end: number;

  /** @param bytes one serialised message; views of it are handed out, so it must not be reused */
  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#end = bytes.length;
  }

  /** Whether the message being read has fields left. */
  get hasMore(): boolean {
    return this.#position < this.#end;
  }

  /** The next field's tag: field number times eight plus wire type. */
  tag(): number {
    const tag = this.#varint();
    if (tag < 8 || tag > MAX_FIELD * 8 + 7) throw new WireError("field number out of range");
    return tag;
  }

  /** An unsigned varint of up to ten bytes; exact up to 2^53, rounded beyond. */
  #varint(): number {
    const buffer = this.#buffer;
    const end = this.#end;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.#position >= end) throw new WireError("truncated varint");
      const byte = buffer[this.#position++] as number;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let value = low;
    let scale = 2 ** 28;
    for (let count = 4; count < 10; count++) {
      if (this.#position >= end) throw new WireError("truncated varint");
      const byte = buffer[this.#position++] as number;
      // The tenth byte holds the 64th bit only; what is above it has no meaning and is cut off.
      value += (count === 9 ? byte & 0x01 : byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new WireError("varint longer than ten bytes");
  }

  /** A bool: true for anything but zero. */
  bool(tag: number): boolean {
    expect(tag, VARINT);
    return this.#varint() !== 0;
  }

  /** A double. */
  double(tag: number): number {
    expect(tag, FIXED64);
    const at = this.#skip(8);
    return this.#buffer.readDoubleLE(at);
  }

  /** A `bytes` field as a view of the message. */
  bytes(tag: number): Uint8Array {
    expect(tag, LENGTH_DELIMITED);
    const length = this.#varint();
    const at = this.#skip(length);
    return this.#buffer.subarray(at, at + length);
  }

  /**
   * Text as Envoy passes it on: UTF-8 where it is valid, else each byte a character (latin1), since HTTP
   * header values are bytes without a charset (RFC 9110, section 5.5).
   */
  text(tag: number): string {
    expect(tag, LENGTH_DELIMITED);
    const length = this.#varint();
    if (length === 0) return "";
    const at = this.#skip(length);
    const buffer = this.#buffer;
    const end = at + length;
    let bits = 0;
    for (let i = at; i < end; i++) bits |= buffer[i] as number;
    const utf8 = bits >= 0x80 && isUtf8(buffer.subarray(at, end));
    return buffer.toString(utf8 ? "utf8" : "latin1", at, end);
  }

  /** Enters an embedded message; what is returned goes to {@link leave} at its end. */
  enter(tag: number): number {
    expect(tag, LENGTH_DELIMITED);
    const length = this.#varint();
    const outer = this.#end;
    if (length > outer - this.#position) throw new WireError("length beyond the end of the message");
    this.#end = this.#position + length;
    return outer;
  }

  /** Goes back to the message around the one that was read to its end. */
  leave(outer: number): void {
    this.#end = outer;
  }

  /** Passes over a field that we do not know. */
  skipField(tag: number): void {
    switch (tag & 7) {
      case VARINT:
        this.#varint();
        return;
      case FIXED64:
        this.#skip(8);
        return;
      case LENGTH_DELIMITED:
        this.#skip(this.#varint());
        return;
      case FIXED32:
        this.#skip(4);
        return;
      default:
        throw new WireError(`wire type ${tag & 7} is not accepted`);
    }
  }

  #skip(length: number): number {
    const at = this.#position;
    if (length > this.#end - at) throw new WireError("length beyond the end of the message");
    this.#position = at + length;
    return at;
  }
}

function expect(tag: number, wireType: number): void {
  if ((tag & 7) !== wireType) throw new WireError(`field ${tag >>> 3} has wire type ${tag & 7}`);
}
