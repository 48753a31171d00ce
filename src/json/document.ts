/**
 * A JSON object whose members can be read and replaced without parsing or re-printing the rest.
 *
 * A gateway that only needs `model` and `stream` of a megabyte must not parse the megabyte, and what it does not
 * change must stay as the client wrote it: number precision, key order, duplicate keys, white space.
 */
import { isUtf8 } from "node:buffer";
import { InvalidRequestError } from "../conversation/error.ts";
import { countItems, type MemberSpan, type ObjectSpans, scanObject } from "./scan.ts";
import type { JsonObject, JsonValue } from "./types.ts";

export interface JsonDocument {
  readonly bytes: Uint8Array;
  /** Of documents that are read as if they were JSON and are not: a form's, with its boundary. */
  readonly contentType?: string;
  /**
   * The parsed value of a top-level member; undefined when absent. Of duplicates the last one counts.
   * @throws InvalidRequestError when the member's value is not JSON
   */
  member(name: string): JsonValue | undefined;
  /**
   * The whole document, parsed once and remembered.
   * @throws InvalidRequestError when it is not JSON
   */
  readonly value: JsonObject;
  /**
   * The top-level members with values of at most so many bytes, all together: what a glance at a large body may cost.
   *
   * @param names looks at no others
   */
  glance(maxBytes: number, names?: readonly string[]): JsonObject;
  /** How many items the list of that name has, counted without parsing them; undefined when it is no list. */
  items(name: string): number | undefined;
  /**
   * New bytes with these top-level members set (added at the end when absent) or, for undefined, removed. Of
   * duplicates one is left. The very same bytes when nothing changes.
   */
  edit(changes: Readonly<Record<string, JsonValue | undefined>>): Uint8Array;
}

/**
 * A value is too large to be parsed here. Whoever can have it parsed elsewhere catches this; for all others it is
 * the client's error.
 */
export class LargeValueError extends InvalidRequestError {
  constructor(member: string, maxBytes: number) {
    const what = member === "" ? "The body" : `The value of ${member}`;
    super(member, `${what} is larger than ${maxBytes} bytes.`, 400, "value_too_large");
    this.name = "LargeValueError";
  }
}

/**
 * Looks only at the top level; a fault deeper down is found when that member is read.
 *
 * @param largestValueBytes what may be parsed at once; reading more throws LargeValueError
 * @throws InvalidRequestError when the bytes are not UTF-8 or not one JSON object within the limits of `scan.ts`
 */
export function parseDocument(bytes: Uint8Array, largestValueBytes = Number.POSITIVE_INFINITY): JsonDocument {
  return surveyedDocument(bytes, surveyDocument(bytes), largestValueBytes);
}

/** The first half of `parseDocument`: what takes time, as data that may come from another thread. */
export function surveyDocument(bytes: Uint8Array): ObjectSpans {
  const buffer = asBuffer(bytes);
  if (!isUtf8(buffer)) throw new InvalidRequestError("", "The body is not valid UTF-8.");
  return scanObject(buffer);
}

/** The second half. @param spans of these very bytes */
export function surveyedDocument(
  bytes: Uint8Array,
  spans: ObjectSpans,
  largestValueBytes: number,
): JsonDocument {
  return new ScannedDocument(asBuffer(bytes), spans, largestValueBytes);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

class ScannedDocument implements JsonDocument {
  readonly #bytes: Buffer;
  readonly #spans: ObjectSpans;
  readonly #largestValueBytes: number;
  /** By name; of duplicates the last. */
  readonly #last = new Map<string, MemberSpan>();
  readonly #parsed = new Map<string, JsonValue>();
  #value: JsonObject | undefined;

  constructor(bytes: Buffer, spans: ObjectSpans, largestValueBytes: number) {
    this.#bytes = bytes;
    this.#spans = spans;
    this.#largestValueBytes = largestValueBytes;
    for (const span of spans.members) this.#last.set(span.name, span);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  member(name: string): JsonValue | undefined {
    const known = this.#parsed.get(name);
    if (known !== undefined) return known;
    const span = this.#last.get(name);
    if (span === undefined) return undefined;
    const value = this.#parse(span);
    this.#parsed.set(name, value);
    return value;
  }

  get value(): JsonObject {
    this.#value ??= this.#parseAll();
    return this.#value;
  }

  glance(maxBytes: number, names?: readonly string[]): JsonObject {
    let left = maxBytes;
    const short = [...this.#last.values()].filter((span) => {
      if (names !== undefined && !names.includes(span.name)) return false;
      const sizeBytes = span.valueEnd - span.keyStart;
      if (sizeBytes > left) return false;
      left -= sizeBytes;
      return true;
    });
    return Object.fromEntries(short.map((span) => [span.name, this.#parse(span)]));
  }

  items(name: string): number | undefined {
    const span = this.#last.get(name);
    return span === undefined ? undefined : countItems(this.#bytes, span.valueStart);
  }

  edit(changes: Readonly<Record<string, JsonValue | undefined>>): Uint8Array {
    const texts = new Map<string, Buffer | undefined>();
    for (const [name, value] of Object.entries(changes)) {
      texts.set(name, value === undefined ? undefined : Buffer.from(JSON.stringify(value)));
    }
    if (!this.#differs(texts)) return this.#bytes;
    const bytes = this.#bytes;
    const { members, open } = this.#spans;
    // The head runs to the first name; every kept member brings the separator before it, save the first.
    const pieces: Uint8Array[] = [bytes.subarray(0, members[0]?.keyStart ?? open)];
    let isFirst = true;
    let previousEnd = open;
    for (const span of members) {
      const separatorStart = previousEnd;
      previousEnd = span.valueEnd;
      const isChanged = texts.has(span.name);
      const text = texts.get(span.name);
      if (isChanged && (text === undefined || this.#last.get(span.name) !== span)) continue;
      const start = isFirst ? span.keyStart : separatorStart;
      if (text === undefined) pieces.push(bytes.subarray(start, span.valueEnd));
      else pieces.push(bytes.subarray(start, span.valueStart), text);
      isFirst = false;
    }
    for (const [name, text] of texts) {
      if (text === undefined || this.#last.has(name)) continue;
      pieces.push(Buffer.from(`${isFirst ? "" : ","}${JSON.stringify(name)}:`), text);
      isFirst = false;
    }
    pieces.push(bytes.subarray(previousEnd));
    return Buffer.concat(pieces);
  }

  /** False when every change is already as asked, so that the bytes need not be copied. */
  #differs(texts: ReadonlyMap<string, Buffer | undefined>): boolean {
    if (this.#last.size !== this.#spans.members.length) return texts.size > 0;
    for (const [name, text] of texts) {
      const span = this.#last.get(name);
      if (span === undefined ? text !== undefined : text === undefined) return true;
      if (span && text && !text.equals(this.#bytes.subarray(span.valueStart, span.valueEnd))) return true;
    }
    return false;
  }

  #parse(span: MemberSpan): JsonValue {
    if (span.valueEnd - span.valueStart > this.#largestValueBytes) {
      throw new LargeValueError(span.name, this.#largestValueBytes);
    }
    try {
      return JSON.parse(this.#bytes.toString("utf8", span.valueStart, span.valueEnd)) as JsonValue;
    } catch (error) {
      // V8's own message may quote the text, which may be a prompt: only its position is passed on.
      const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
      const where = position === undefined ? `byte ${span.valueStart}` : `character ${position} of it`;
      throw new InvalidRequestError(
        span.name,
        `The body is not valid JSON: the value of ${span.name} (${where}).`,
      );
    }
  }

  #parseAll(): JsonObject {
    if (this.#bytes.length > this.#largestValueBytes) throw new LargeValueError("", this.#largestValueBytes);
    try {
      return JSON.parse(this.#bytes.toString("utf8")) as JsonObject;
    } catch {
      for (const span of this.#spans.members) this.#parse(span);
      throw new InvalidRequestError("", "The body is not valid JSON.");
    }
  }
}
