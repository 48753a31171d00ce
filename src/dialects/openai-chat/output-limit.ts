/** A lower limit on an answer's length. */
import type { JsonDocument } from "../../json/document.ts";

/** Servers know one name or the other; the newer one is renamed for those that do not (quirks). */
const names = ["max_completion_tokens", "max_tokens"] as const;

/** @returns the very same bytes when the request's own limit is not above */
export function limitOutput(body: JsonDocument, tokens: number): Uint8Array {
  const present = names.filter((name) => typeof body.member(name) === "number");
  const capped = present.filter((name) => Number(body.member(name)) > tokens);
  if (present.length === 0) return body.edit({ max_completion_tokens: tokens });
  return body.edit(Object.fromEntries(capped.map((name) => [name, tokens])));
}
