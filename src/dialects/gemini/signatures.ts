/**
 * Thought signatures: Gemini signs parts of its answers, not only thoughts, and wants the signatures back where they
 * were. Since Gemini 3 a function call of the current turn without its signature is answered with 400.
 *
 * In neutral form every signature is a reasoning part of Gemini's. One that signs a function call or a text is a part
 * with empty text whose signature begins with its place: `call.0:` is the first call of the turn, `text.2:` its third
 * text. The place does not hang on the order of parts, because other dialects keep reasoning, texts and calls apart.
 *
 * Towards clients of this dialect, reasoning of another provider carries its mark (`../signatures.ts`) in base64:
 * Google's SDK for Python takes the field for base64 and decodes it. The first call of an answer that another provider
 * made is marked as well, so that it is known again when the history goes to Gemini.
 *
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
import type { ReasoningPart } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { Seal } from "../seal.ts";
import { foreignSignaturePrefix, type Provenance, readMark } from "../signatures.ts";

/** What is signed within a turn. */
export interface SignedPlace {
  readonly kind: "call" | "text";
  /** From 0, among those of its kind in the turn. */
  readonly index: number;
}

/** The part that stands for the signature of a call or a text. */
export function placedSignature({ kind, index }: SignedPlace, signature: string, at?: string): ReasoningPart {
  return signaturePart(`${kind}.${index}:${signature}`, at);
}

/** The part that stands for a signature that Gemini sent by itself, in a part with an empty text. */
export function signaturePart(signature: string, at?: string): ReasoningPart {
  const part = { kind: "reasoning", text: "", signature, origin: "gemini" } as const;
  return at === undefined ? part : { ...part, at };
}

/** Undefined when the signature has no place of its own: it signs a thought, or nothing. */
export function readPlace(
  signature: string,
): { readonly place: SignedPlace; readonly signature: string } | undefined {
  const match = /^(call|text)\.(\d{1,6}):/.exec(signature);
  if (match === null) return undefined;
  const kind = match[1] === "call" ? "call" : "text";
  return { place: { kind, index: Number(match[2]) }, signature: signature.slice(match[0].length) };
}

/** What base64 of a mark begins with; its nine characters become exactly these twelve. */
export const foreignSignatureStart = Buffer.from(foreignSignaturePrefix).toString("base64");

/**
 * Stands for the signature of a call that Gemini did not make.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
 */
export const standInSignature = "skip_thought_signature_validator";

const foreignCallMark = Buffer.from(`${foreignSignaturePrefix}call`).toString("base64");

/** Marks the first of an answer's calls, unless Gemini signed it. @param parts of the role `model`, in order */
export function markForeignCalls(parts: readonly JsonObject[]): void {
  const first = parts.find((part) => part["functionCall"] !== undefined);
  if (first !== undefined) first["thoughtSignature"] ??= foreignCallMark;
}

/** A signature that is not Gemini's own: our mark, or what stands in for one. It proves nothing. */
export function isForeignSignature(signature: string): boolean {
  return signature.startsWith(foreignSignatureStart) || signature === standInSignature;
}

/** The `thoughtSignature` that keeps another provider's reasoning in a history of this dialect. */
export function wrapMark(mark: string): string {
  return Buffer.from(mark).toString("base64");
}

/** Whose reasoning a thought of a history is. @param text all of the thought */
export function readThought(seal: Seal, signature: string | undefined, text: string): Provenance {
  if (signature?.startsWith(foreignSignatureStart) === true) {
    const mark = Buffer.from(signature, "base64").toString("utf8");
    return readMark(seal, mark, text, "gemini") ?? { origin: "gemini" };
  }
  return ownThought(signature);
}

/** Whose reasoning a thought of an answer is. */
export function ownThought(signature: string | undefined): Provenance {
  return signature === undefined ? { origin: "gemini" } : { origin: "gemini", signature };
}
