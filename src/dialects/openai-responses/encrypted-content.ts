/**
 * Reasoning in the one place that a reasoning item has for what only its maker can read: `encrypted_content`.
 *
 * OpenAI's own is passed as it is, with the item's id before it, because OpenAI checks that the two belong together.
 * Another provider's proof is marked with whose it is and sealed (`../signatures.ts`): the thinking that it is about is
 * beside it in plain text, in `summary`, where applications shorten or leave it out.
 *
 * Source: https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items
 */
import type { ReasoningPart } from "../../conversation/parts.ts";
import type { Seal } from "../seal.ts";
import { markOf, type Provenance, readMark } from "../signatures.ts";

const home = "openai-responses";
/** An item's id before the content that belongs to it. */
const ownId = /^(rs_[\w-]{1,128}):/;

/** What an item has beside its text: `encrypted_content` and, where it is OpenAI's own, its `id`. Empty: nothing. */
export interface EncryptedContent {
  readonly id: string;
  readonly encrypted: string;
}

/** For clients: whoever made it. */
export function encodeProof(part: ReasoningPart, seal: Seal): EncryptedContent {
  return part.origin === home ? encodeOwnProof(part) : { id: "", encrypted: markOf(seal, part) };
}

/** For OpenAI, of what OpenAI encrypted. */
export function encodeOwnProof({
  redacted,
  signature,
}: Pick<ReasoningPart, "redacted" | "signature">): EncryptedContent {
  const payload = redacted ?? signature ?? "";
  const id = ownId.exec(payload)?.[1];
  return id === undefined ? { id: "", encrypted: payload } : { id, encrypted: payload.slice(id.length + 1) };
}

/**
 * Of a client. Without anything encrypted it is reasoning that its maker keeps, or plain text.
 *
 * @param text the thinking as it stands in the item
 */
export function decodeProof(text: string, content: EncryptedContent, seal: Seal): Provenance {
  return readMark(seal, content.encrypted, text, home) ?? decodeOwnProof(text, content);
}

/** Of OpenAI. */
export function decodeOwnProof(text: string, { id, encrypted }: EncryptedContent): Provenance {
  if (encrypted === "") return { origin: home };
  const own = ownId.test(`${id}:`) ? `${id}:${encrypted}` : encrypted;
  return text === "" ? { origin: home, redacted: own } : { origin: home, signature: own };
}
