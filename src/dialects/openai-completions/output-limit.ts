/** A lower limit on an answer's length. */
import type { JsonDocument } from "../../json/document.ts";

/** @returns the very same bytes when the request's own limit is not above, or its absence means less: 16 */
export function limitOutput(body: JsonDocument, tokens: number): Uint8Array {
  const own = body.member("max_tokens");
  return typeof own !== "number" || own <= tokens ? body.bytes : body.edit({ max_tokens: tokens });
}
