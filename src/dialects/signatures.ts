/**
 * Proofs of reasoning that another dialect's provider gave, in a dialect whose messages have a place for one.
 *
 * A client keeps the thinking of one provider in its history and sends it back, maybe to another. So the place shows a
 * mark: whose reasoning it is, and the provider's proof under our seal, `tollgate:<origin>:<s|r>.<seal>.<payload>`. It is
 * restored for the provider that made it and left out for any other. Reasoning without a proof is marked as well, with
 * nothing behind the origin. A mark whose seal does not fit, to the payload or to the text beside it, is forged, damaged
 * or of another key: the text stays, and what it proves is left out.
 *
 * Sources: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking,
 * https://platform.openai.com/docs/guides/reasoning
 */
import { type DialectName, dialectNames, type ReasoningPart } from "../conversation/parts.ts";
import { type OpenSeal, type Proof, type Seal, sealLength } from "./seal.ts";

/** What every mark begins with; a short text, so that a body can be searched for it cheaply. */
export const foreignSignaturePrefix = "tollgate:";

const marked = new RegExp(`^${foreignSignaturePrefix}([a-z-]{1,32}):`);
const sealed = new RegExp(`^([sr])\\.([\\w-]{${sealLength}})\\.`);

/** Whose reasoning it is, with what its provider wants back. */
export type Provenance = Pick<ReasoningPart, "origin" | "signature" | "redacted" | "brokenSeal">;

/** The mark of reasoning that is there as a whole. */
export function markOf(seal: Seal, part: Omit<ReasoningPart, "kind">): string {
  const mark = new OpenMark(seal, part.origin);
  mark.add(part.text);
  return mark.end(part);
}

/** The mark of reasoning that streams: `add` its text as it goes by, then `end` it once. */
export class OpenMark {
  readonly #origin: DialectName;
  readonly #seal: OpenSeal;

  constructor(seal: Seal, origin: DialectName) {
    this.#origin = origin;
    this.#seal = seal.begin(origin);
  }

  add(text: string): void {
    this.#seal.add(text);
  }

  end(given: Pick<ReasoningPart, "signature" | "redacted">): string {
    const proof = proofOf(given);
    const mark = `${foreignSignaturePrefix}${this.#origin}:`;
    if (proof === undefined) return mark;
    return `${mark}${proof.kind === "signed" ? "s" : "r"}.${this.#seal.end(proof)}.${proof.payload}`;
  }
}

/**
 * @param seal undefined where nothing can be under a seal of ours: in answers
 * @param home whose reasoning it is when the mark does not say
 * @param text of the reasoning, as it stands beside the mark
 * @returns undefined when it is no mark
 */
export function readMark(
  seal: Seal | undefined,
  mark: string,
  text: string,
  home: DialectName,
): Provenance | undefined {
  if (!mark.startsWith(foreignSignaturePrefix)) return undefined;
  const [head = "", name] = marked.exec(mark) ?? [];
  const origin = dialectNames.find((known) => known === name);
  if (origin === undefined) return { origin: home, brokenSeal: true };
  const inner = mark.slice(head.length);
  if (inner === "") return { origin };
  const [lead = "", letter, given = ""] = sealed.exec(inner) ?? [];
  const proof: Proof = { kind: letter === "r" ? "redacted" : "signed", payload: inner.slice(lead.length) };
  const holds = lead !== "" && seal?.verifies(given, origin, text, proof) === true;
  return holds ? provenance(origin, proof) : { origin, brokenSeal: true };
}

/**
 * What stands in a place for a proof: a mark of ours, or the home's own. An empty one proves nothing.
 *
 * @param kind what the place is for
 */
export function readProof(
  seal: Seal | undefined,
  { kind, payload }: Proof,
  text: string,
  home: DialectName,
): Provenance {
  const found = readMark(seal, payload, text, home);
  if (found !== undefined) return found;
  return payload === "" ? { origin: home } : provenance(home, { kind, payload });
}

function provenance(origin: DialectName, { kind, payload }: Proof): Provenance {
  return kind === "redacted" ? { origin, redacted: payload } : { origin, signature: payload };
}

function proofOf({ signature, redacted }: Pick<ReasoningPart, "signature" | "redacted">): Proof | undefined {
  if (redacted !== undefined) return { kind: "redacted", payload: redacted };
  return signature === undefined ? undefined : { kind: "signed", payload: signature };
}
