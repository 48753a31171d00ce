/**
 * Values fit to be kept, compared and shown: bounded, and without characters that cannot be seen.
 *
 * Nothing is just cut off or out: two callers would become one. What had to be changed ends in a digest of what it was.
 */
import { createHash } from "node:crypto";

/** Characters. */
export const longestValue = 256;

/** Control and format characters (bidirectional overrides among them), lone surrogates, line separators. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Most values: nothing to do about them. */
const plain = /^[\x20-\x7e]*$/;

/** Undefined for nothing. */
export function cleaned(value: string): string | undefined {
  if (value === "") return undefined;
  if (value.length <= longestValue && plain.test(value)) return value;
  const visible = value.replace(unseen, "");
  if (visible === value && value.length <= longestValue) return value;
  const digest = createHash("sha256").update(value).digest("base64url");
  return `${kept(visible, longestValue - digest.length - 1)}~${digest}`;
}

/** Never half of a surrogate pair. */
function kept(text: string, length: number): string {
  const start = text.slice(0, length);
  return /[\ud800-\udbff]$/.test(start) ? start.slice(0, -1) : start;
}
