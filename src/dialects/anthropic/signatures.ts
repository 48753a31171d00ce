/**
 * Signatures of reasoning that Claude did not write.
 *
 * A `thinking` block must carry a `signature`, and Anthropic answers 400 to one that it did not make. A client of
 * this dialect keeps the thinking of another provider in its history and sends it back, maybe to Claude. So the
 * signature says whose it is: it is found again by its prefix, restored for the provider that made it and left
 * out for Claude.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking
 */
import { type DialectName, dialectNames } from "../../conversation/parts.ts";

/** What every foreign signature begins with; a short text, so that a body can be searched for it cheaply. */
export const foreignSignaturePrefix = "tollgate:";

const foreignOrigins: readonly DialectName[] = dialectNames.filter((name) => name !== "anthropic");

/** @returns the `signature` (or redacted `data`) to show to the client */
export function encodeSignature(origin: DialectName, signature: string | undefined): string {
  return origin === "anthropic" ? (signature ?? "") : `${foreignSignaturePrefix}${origin}:${signature ?? ""}`;
}

/** @returns whose reasoning it is, and the signature as its provider wrote it; none when it was empty */
export function decodeSignature(text: string): { readonly origin: DialectName; readonly signature?: string } {
  const origin = foreignOrigins.find((name) => text.startsWith(`${foreignSignaturePrefix}${name}:`));
  const signature =
    origin === undefined ? text : text.slice(foreignSignaturePrefix.length + origin.length + 1);
  return { origin: origin ?? "anthropic", ...(signature !== "" && { signature }) };
}
