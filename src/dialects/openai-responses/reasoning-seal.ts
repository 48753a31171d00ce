/**
 * Reasoning in the one place that a reasoning item has for what only its maker can read: `encrypted_content`.
 *
 * OpenAI's own is passed as it is, with the item's id before it, because OpenAI checks that the two belong together.
 * Another provider's signature is marked with whose it is, and with a digest over the thinking that it signs: the
 * thinking is beside it in plain text, in `summary`, where applications shorten or leave it out, and a signature over
 * other words is a 400 at the provider. What does not fit together comes back as reasoning without a signature, which
 * encoders leave out and report.
 *
 * Source: https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items
 */
import { createHash } from "node:crypto";
import type { ReasoningPart } from "../../conversation/parts.ts";
import { decodeSignature, encodeSignature, foreignSignaturePrefix } from "../signatures.ts";

const home = "openai-responses";
const digestLength = 16;
/** What follows the mark of whose it is: kind (signed or redacted), digest, payload. */
const packed = new RegExp(`^([sr])\\.([\\w-]{${digestLength}})\\.`);
/** An item's id before the content that belongs to it. */
const ownId = /^(rs_[\w-]{1,128}):/;

type Proof = Pick<ReasoningPart, "origin" | "signature" | "redacted">;

/** The item's `encrypted_content` and, for OpenAI's own, its `id`. */
export interface SealedReasoning {
  readonly id?: string;
  readonly encrypted?: string;
}

export function sealReasoning({ text, origin, signature, redacted }: ReasoningPart): SealedReasoning {
  const payload = redacted ?? signature;
  if (origin !== home) {
    const kind = redacted === undefined ? "s" : "r";
    const inner =
      payload === undefined ? undefined : `${kind}.${digest([origin, kind, text, payload])}.${payload}`;
    return { encrypted: encodeSignature(origin, inner, home) };
  }
  if (payload === undefined) return {};
  const id = ownId.exec(payload)?.[1];
  return id === undefined ? { encrypted: payload } : { id, encrypted: payload.slice(id.length + 1) };
}

/**
 * The reverse. Without anything encrypted it is reasoning that its maker keeps, or plain text.
 *
 * @param text the thinking as it stands in the item
 */
export function unsealReasoning(text: string, { id, encrypted }: SealedReasoning): ReasoningPart {
  return { kind: "reasoning", text, ...proofOf(text, id, encrypted ?? "") };
}

function proofOf(text: string, id: string | undefined, encrypted: string): Proof {
  if (!encrypted.startsWith(foreignSignaturePrefix)) {
    if (encrypted === "") return { origin: home };
    const own = id === undefined || !ownId.test(`${id}:`) ? encrypted : `${id}:${encrypted}`;
    return text === "" ? { origin: home, redacted: own } : { origin: home, signature: own };
  }
  const { origin, signature: inner = "" } = decodeSignature(encrypted, home);
  const [head, kind, sealed] = packed.exec(inner) ?? [];
  if (head === undefined || origin === home) return { origin };
  const payload = inner.slice(head.length);
  if (sealed !== digest([origin, String(kind), text, payload])) return { origin };
  return kind === "r" ? { origin, redacted: payload } : { origin, signature: payload };
}

/** Finds what was changed by mistake. Not a secret: who forges one only gets the provider's 400 for it. */
function digest(sealed: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(sealed)).digest("base64url").slice(0, digestLength);
}
