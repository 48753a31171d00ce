/**
 * Enumerated values, which protocol buffers' JSON writes by name or by number: Google's generated clients for Python
 * send numbers.
 *
 * Sources: https://protobuf.dev/programming-guides/json/,
 * https://github.com/googleapis/googleapis/blob/master/google/ai/generativelanguage/v1beta/content.proto
 */
import type { JsonValue } from "../../json/types.ts";

/** `Type` of a schema by number, and `Mode` of function calls. */
export const schemaTypes = [
  "TYPE_UNSPECIFIED",
  "STRING",
  "NUMBER",
  "INTEGER",
  "BOOLEAN",
  "ARRAY",
  "OBJECT",
  "NULL",
];
export const callingModes = ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"];

/** The name for a number; whatever else was given as it is. @param names by number, from 0 */
export function enumName(value: JsonValue | undefined, names: readonly string[]): JsonValue | undefined {
  return typeof value === "number" ? (names[value] ?? value) : value;
}
