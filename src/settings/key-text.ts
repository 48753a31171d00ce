/** A key of 32 bytes as people and files write it. */

export const keyForm = "64 hex digits, or base64 of 32 bytes";

const keyBytes = 32;
const hex = /^[0-9A-Fa-f]{64}$/;
/** In either alphabet, with or without the padding. */
const base64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Undefined when the text is no key. */
export function parseKey(text: string): Uint8Array | undefined {
  if (hex.test(text)) return Buffer.from(text, "hex");
  const key = base64.test(text) ? Buffer.from(text, "base64") : undefined;
  return key?.length === keyBytes ? key : undefined;
}

export function formatKey(key: Uint8Array): string {
  return Buffer.from(key).toString("hex");
}
