/**
 * Arguments of tool calls: JSON text with us, an object with Anthropic, Gemini and Bedrock.
 *
 * Models write invalid JSON now and then, and it must neither be lost nor break the call: the text is then kept
 * under the one member `_raw`.
 */
import type { JsonObject } from "../json/types.ts";
import { isObject } from "../json/types.ts";

/** @returns the object, and whether the text was one (an empty text counts as no arguments) */
export function decodeArguments(text: string): { readonly input: JsonObject; readonly valid: boolean } {
  if (text.trim() === "") return { input: {}, valid: true };
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { input: value, valid: true };
  } catch {
    // Falls through to the raw form.
  }
  return { input: { _raw: text }, valid: false };
}
