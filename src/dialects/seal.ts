/**
 * Our signature over what another provider's model thought and over that provider's proof of it. Clients keep both in
 * their history, in a dialect that is not the provider's; when they come back, the seal tells whether the two are still
 * what they were. Providers answer 400 to a proof that is not theirs or not of these words, so such a one must not reach
 * them.
 *
 * HMAC-SHA-256, cut to 132 bits. The text comes first, as streams have it: the proof is known only when it has passed.
 */
import { createHmac, createSecretKey, type Hmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { DialectName } from "../conversation/parts.ts";

/** Bytes of a key. */
export const sealKeyLength = 32;
/** Characters of a seal, in base64url. */
export const sealLength = 22;

/** Nothing else that is ever signed with the key begins like this. */
const purpose = "tollgate reasoning 1\n";

/** What a provider proves its reasoning with: a signature over the text, or all of the thinking, encrypted. */
export interface Proof {
  readonly kind: "signed" | "redacted";
  readonly payload: string;
}

/** A pure function of its key. */
export class Seal {
  readonly #key: KeyObject;

  /** @throws RangeError unless the key has 32 bytes */
  constructor(key: Uint8Array) {
    if (key.length !== sealKeyLength) throw new RangeError(`a key for seals has ${sealKeyLength} bytes`);
    this.#key = createSecretKey(key);
  }

  /** For reasoning whose text comes in pieces. */
  begin(origin: DialectName): OpenSeal {
    return new OpenSeal(createHmac("sha256", this.#key), origin);
  }

  verifies(seal: string, origin: DialectName, text: string, proof: Proof): boolean {
    if (seal.length !== sealLength) return false;
    const hmac = createHmac("sha256", this.#key);
    // In one piece: a hostile history is full of short ones, and each piece costs a microsecond.
    hmac.update(opening(origin) + text + ending(proof, text.length), "utf16le");
    const [right, given] = [Buffer.from(sealOf(hmac)), Buffer.from(seal)];
    return given.length === right.length && timingSafeEqual(given, right);
  }
}

/** A seal under way: `add` the text, then `end` it once. */
export class OpenSeal {
  readonly #hmac: Hmac;
  #textLength = 0;

  constructor(hmac: Hmac, origin: DialectName) {
    this.#hmac = hmac.update(opening(origin), "utf16le");
  }

  add(text: string): this {
    this.#textLength += text.length;
    this.#hmac.update(text, "utf16le");
    return this;
  }

  end(proof: Proof): string {
    return sealOf(this.#hmac.update(ending(proof, this.#textLength), "utf16le"));
  }
}

// No two inputs read alike: origins hold no line break, and the lengths of text and payload stand at the very end, where
// their place is known. All of it is UTF-16, because streams cut texts anywhere, also inside a character.

function opening(origin: DialectName): string {
  return `${purpose}${origin}\n`;
}

function ending({ kind, payload }: Proof, textLength: number): string {
  return payload + `\n${kind} ${textLength} ${payload.length}`.padStart(64);
}

function sealOf(hmac: Hmac): string {
  return hmac.digest("base64url").slice(0, sealLength);
}
