/** A lower limit on an answer's length. */
import type { JsonDocument } from "../../json/document.ts";

/** Of requests that do not say. `null` is no such thing: vLLM takes it for no limit. */
const usual = 16;

/** @returns the very same bytes when the request's own limit is not above */
export function limitOutput(body: JsonDocument, tokens: number): Uint8Array {
  const written = body.member("max_tokens");
  const own = written === undefined ? usual : written;
  return typeof own === "number" && own <= tokens ? body.bytes : body.edit({ max_tokens: tokens });
}
