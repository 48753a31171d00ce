/** JSON that no rule says how to count: as its own text, without the data that no model reads as text. */
import type { JsonValue } from "../../json/types.ts";

/** Longer words than any language's: base64, encrypted state. */
const longestWord = 4_096;

/** Empty when the value is nested deeper than can be written. */
export function readableJson(value: JsonValue): string {
  try {
    return JSON.stringify(value, (_key, member: JsonValue) =>
      typeof member === "string" && isData(member) ? "" : member,
    );
  } catch (error) {
    if (error instanceof RangeError) return "";
    throw error;
  }
}

function isData(text: string): boolean {
  return text.length > longestWord && !/\s/.test(text.slice(0, longestWord));
}
