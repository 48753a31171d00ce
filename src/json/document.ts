/**
 * A JSON object whose members can be read and replaced without parsing or re-printing the rest.
 *
 * A gateway that only needs `model` and `stream` of a megabyte must not parse the megabyte, and what it does not
 * change must stay as the client wrote it: number precision, key order, duplicate keys, white space.
 */
import type { JsonObject, JsonValue } from "./types.ts";

export interface JsonDocument {
  readonly bytes: Uint8Array;
  /** The parsed value of a top-level member; undefined when absent. */
  member(name: string): JsonValue | undefined;
  /** The whole document, parsed once and remembered. */
  readonly value: JsonObject;
  /** New bytes with these top-level members set (added at the end when absent) or, for undefined, removed. */
  edit(changes: Readonly<Record<string, JsonValue | undefined>>): Uint8Array;
}
