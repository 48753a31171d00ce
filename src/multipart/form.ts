/**
 * A `multipart/form-data` body whose text fields can be read and replaced while files stay where they are, untouched:
 * a megabyte of audio is neither decoded nor copied to find out which model shall hear it.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc7578, https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1
 */
import { InvalidRequestError } from "../conversation/error.ts";
import type { JsonDocument } from "../json/document.ts";
import type { JsonObject, JsonValue } from "../json/types.ts";
import { boundaryOf, type FormPart, scanForm } from "./scan.ts";

/** The largest text field that is read; files and longer fields only pass. */
const largestFieldBytes = 64 * 1024;

/** True for the media type of forms, whatever its parameters. */
export function isForm(contentType: string | undefined): contentType is string {
  return contentType !== undefined && /^multipart\/form-data\s*(;|$)/i.test(contentType);
}

/**
 * The form as a document: its members are the text fields, as strings. Of fields with the same name the last counts.
 *
 * @throws InvalidRequestError when it is not a form within the limits of `scan.ts`
 */
export function parseForm(bytes: Uint8Array, contentType: string): JsonDocument {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boundary = boundaryOf(contentType);
  return new FormDocument(buffer, contentType, boundary, scanForm(buffer, boundary));
}

class FormDocument implements JsonDocument {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly #boundary: string;
  readonly #parts: readonly FormPart[];

  constructor(bytes: Buffer, contentType: string, boundary: string, parts: readonly FormPart[]) {
    this.bytes = bytes;
    this.contentType = contentType;
    this.#boundary = boundary;
    this.#parts = parts;
  }

  member(name: string): JsonValue | undefined {
    const part = this.#parts.findLast((candidate) => isField(candidate) && candidate.name === name);
    return part === undefined ? undefined : this.#text(part);
  }

  get value(): JsonObject {
    return Object.fromEntries(this.#parts.filter(isField).map((part) => [part.name, this.#text(part)]));
  }

  glance(maxBytes: number, names?: readonly string[]): JsonObject {
    const short = this.#parts.filter(
      (part) => isField(part) && sizeOf(part) <= maxBytes && (names?.includes(part.name) ?? true),
    );
    return Object.fromEntries(short.map((part) => [part.name, this.#text(part)]));
  }

  items(): undefined {
    // A form has no lists: what is there several times are fields.
  }

  edit(changes: Readonly<Record<string, JsonValue | undefined>>): Uint8Array {
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (const part of this.#parts) {
      if (!isField(part) || !Object.hasOwn(changes, part.name)) continue;
      const value = changes[part.name];
      if (value !== undefined && textOf(value) === this.#text(part)) continue;
      // A field is replaced where it stands, its headers kept; without a value it goes, its delimiter with it.
      if (value === undefined) pieces.push(this.bytes.subarray(from, part.start));
      else pieces.push(this.bytes.subarray(from, part.bodyStart), Buffer.from(textOf(value)));
      from = part.bodyEnd;
    }
    const added = Object.entries(changes).filter(
      ([name, value]) =>
        value !== undefined && !this.#parts.some((part) => isField(part) && part.name === name),
    );
    if (pieces.length === 0 && added.length === 0) return this.bytes;
    const end = this.#parts.at(-1)?.bodyEnd ?? 0;
    pieces.push(this.bytes.subarray(from, end));
    for (const [name, value] of added) {
      const head = `\r\n--${this.#boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n`;
      pieces.push(Buffer.from(`${head}${textOf(value as JsonValue)}`));
    }
    pieces.push(this.bytes.subarray(end));
    return Buffer.concat(pieces);
  }

  #text(part: FormPart): string {
    if (sizeOf(part) > largestFieldBytes) {
      const message = `The field ${part.name} is larger than ${largestFieldBytes} bytes.`;
      throw new InvalidRequestError(part.name, message, 400, "value_too_large");
    }
    return this.bytes.toString("utf8", part.bodyStart, part.bodyEnd);
  }
}

function isField(part: FormPart): boolean {
  return !part.isFile;
}

function sizeOf({ bodyStart, bodyEnd }: FormPart): number {
  return bodyEnd - bodyStart;
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
