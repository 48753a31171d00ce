/** A lower limit on an answer's length. */
import type { JsonDocument } from "../../json/document.ts";

/** The API takes no less. */
const least = 16;

/** @returns the very same bytes when the request's own limit is not above */
export function limitOutput(body: JsonDocument, tokens: number): Uint8Array {
  const own = body.member("max_output_tokens");
  if (typeof own === "number" && own <= tokens) return body.bytes;
  return body.edit({ max_output_tokens: Math.max(least, tokens) });
}
