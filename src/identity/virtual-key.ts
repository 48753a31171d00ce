/**
 * Virtual keys: what applications use in place of a provider's key. `tg-` and 256 random bits, told from any other
 * vendor's by their form. Only a digest of them is ever kept; what is known of one is its record.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../json/types.ts";

/** What is known of a key, and of whoever has it. */
export interface VirtualKey {
  /** Names the key in logs and commands, whatever its secret is at the time. */
  readonly id: string;
  readonly name: string;
  readonly tenant: string | undefined;
  readonly app: string | undefined;
  readonly user: string | undefined;
  readonly department: string | undefined;
  readonly plan: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** For the rules that read them. */
  readonly limits: JsonObject | undefined;
}

/** Members of a key's record that a policy can name. */
export const keyMembers = ["tenant", "app", "user", "department", "plan", "name", "id"] as const;
export type KeyMember = (typeof keyMembers)[number];

/** What a client may keep its key in, each SDK in its own; the first that has one counts. */
const keyHeaders = ["authorization", "x-api-key", "x-goog-api-key", "api-key"] as const;
const scheme = /^bearer +/i;
const prefix = "tg-";
const wellFormed = /^tg-[A-Za-z0-9_-]{43}$/;

/**
 * The virtual key that a request brings, well formed or not; undefined when it brings none.
 *
 * @param header by lower-case name
 */
export function presentedKey(header: (name: string) => string | undefined): string | undefined {
  for (const name of keyHeaders) {
    const secret = secretIn(name, header(name));
    if (secret !== undefined) return secret;
  }
  return undefined;
}

/** Where a request keeps virtual keys: nobody beyond the gateway may see them. */
export function headersWithKeys(header: (name: string) => string | undefined): string[] {
  return keyHeaders.filter((name) => secretIn(name, header(name)) !== undefined);
}

function secretIn(name: string, value: string | undefined): string | undefined {
  const secret = name === "authorization" ? value?.replace(scheme, "") : value;
  return secret?.startsWith(prefix) === true ? secret : undefined;
}

/** By which a key is found again; undefined when it cannot be one. */
export function keyDigest(secret: string): string | undefined {
  return wellFormed.test(secret) ? createHash("sha256").update(secret).digest("base64url") : undefined;
}

/** @param random 32 bytes */
export function keyFrom(random: Buffer): string {
  return `${prefix}${random.toString("base64url")}`;
}
