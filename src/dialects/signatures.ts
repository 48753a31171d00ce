/**
 * Signatures of reasoning that another dialect's provider made, in a dialect whose messages have a place for one.
 *
 * Providers answer 400 to reasoning that they did not sign. A client keeps the thinking of one provider in its history
 * and sends it back, maybe to another. So the signature says whose it is: it is found again by its prefix, restored for
 * the provider that made it and left out for any other.
 *
 * Sources: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking,
 * https://platform.openai.com/docs/guides/reasoning
 */
import { type DialectName, dialectNames } from "../conversation/parts.ts";

/** What every foreign signature begins with; a short text, so that a body can be searched for it cheaply. */
export const foreignSignaturePrefix = "tollgate:";

/**
 * @param home the dialect of the text: Anthropic's, unless told otherwise; its own signatures need no mark
 * @returns the `signature` (or redacted `data`) to show to the client
 */
export function encodeSignature(
  origin: DialectName,
  signature: string | undefined,
  home: DialectName = "anthropic",
): string {
  return origin === home ? (signature ?? "") : `${foreignSignaturePrefix}${origin}:${signature ?? ""}`;
}

/** @returns whose reasoning it is, and the signature as its provider wrote it; none when it was empty */
export function decodeSignature(
  text: string,
  home: DialectName = "anthropic",
): { readonly origin: DialectName; readonly signature?: string } {
  const marked = (name: DialectName) => name !== home && text.startsWith(`${foreignSignaturePrefix}${name}:`);
  const origin = text.startsWith(foreignSignaturePrefix) ? dialectNames.find(marked) : undefined;
  const signature =
    origin === undefined ? text : text.slice(foreignSignaturePrefix.length + origin.length + 1);
  return { origin: origin ?? home, ...(signature !== "" && { signature }) };
}
