/**
 * Our signature over what another provider's model thought and over that provider's proof of it. Clients keep both in
 * their history, in a dialect that is not the provider's; when they come back, the seal tells whether the two are still
 * what they were. Providers answer 400 to a proof that is not theirs or not of these words, so such a one must not reach
 * them.
 *
 * HMAC-SHA-256 cut to 128 bits. The text comes first, as streams have it: the proof is known only when it has passed.
 */
import { createHmac, createSecretKey, type Hmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { DialectName } from "../conversation/parts.ts";

/** Bytes of a key. */
export const sealKeyLength = 32;
/** Characters of a seal: base64url of 16 bytes. */
export const sealLength = 22;

const sealBytes = 16;
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
    const right = Buffer.from(this.begin(origin).add(text).end(proof));
    const given = Buffer.from(seal);
    return given.length === right.length && timingSafeEqual(given, right);
  }
}

/**
 * A seal under way: `add` the text, then `end` it once.
 *
 * No two inputs are encoded alike: origins hold no line break, and the lengths of text and payload stand at the end,
 * where their place is known. Texts are taken as UTF-16, because streams cut them anywhere, also inside a character.
 */
export class OpenSeal {
  readonly #hmac: Hmac;
  #textLength = 0;

  constructor(hmac: Hmac, origin: DialectName) {
    this.#hmac = hmac.update(`${purpose}${origin}\n`);
  }

  add(text: string): this {
    this.#textLength += text.length;
    this.#hmac.update(text, "utf16le");
    return this;
  }

  end({ kind, payload }: Proof): string {
    const ending = `\n${kind} ${this.#textLength} ${payload.length}`;
    const digest = this.#hmac.update(payload, "utf16le").update(ending.padStart(64)).digest();
    return digest.subarray(0, sealBytes).toString("base64url");
  }
}
