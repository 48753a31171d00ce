/** The seal of the tests, and marks under it. */
import type { DialectName } from "../src/conversation/parts.ts";
import type { ClientCall } from "../src/dialects/dialect.ts";
import { Seal } from "../src/dialects/seal.ts";
import { markOf } from "../src/dialects/signatures.ts";

export const reasoningKey = Buffer.from("0123456789abcdef0123456789abcdef");
export const seal = new Seal(reasoningKey);

/** What a decoder of requests is told of the call. */
export function clientCall(path = "/"): ClientCall {
  return { path, seal };
}

/** A signature as clients get it in a dialect that is not its provider's. @param text the thinking beside it */
export function signedBy(origin: DialectName, signature: string, text = ""): string {
  return markOf(seal, { origin, text, signature });
}

/** Encrypted thinking, likewise. */
export function redactedBy(origin: DialectName, redacted: string): string {
  return markOf(seal, { origin, text: "", redacted });
}
