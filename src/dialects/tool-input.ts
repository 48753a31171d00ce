/**
 * Arguments of tool calls: JSON text with us, an object with Anthropic, Gemini and Bedrock.
 *
 * Models write invalid JSON now and then, and it must neither be lost nor break the call: the text is then kept
 * under the one member `_raw`.
 */

import { parseObject } from "../json/parse-object.ts";
import type { JsonObject } from "../json/types.ts";

/** @returns the object, and whether the text was one (an empty text counts as no arguments) */
export function decodeArguments(text: string): { readonly input: JsonObject; readonly valid: boolean } {
  if (text.trim() === "") return { input: {}, valid: true };
  const input = parseObject(text);
  return input === undefined ? { input: { _raw: text }, valid: false } : { input, valid: true };
}
