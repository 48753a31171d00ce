/**
 * Where virtual keys are kept: SQLite beside one gateway, Postgres behind several. A key has one record and one or more
 * secrets, of which only digests are kept: after a rotation the old one may be good for a while.
 */
import type { VirtualKey } from "../identity/virtual-key.ts";

/** Times are Unix milliseconds. */
export interface KeyRecord extends VirtualKey {
  readonly createdMs: number;
  /** Not good from then on. */
  readonly expiresMs: number | undefined;
  readonly revokedMs: number | undefined;
}

/** What a secret is found to be. */
export interface FoundKey {
  readonly key: KeyRecord;
  /** When this secret, replaced by another, ceases to be good. */
  readonly secretExpiresMs: number | undefined;
}

/** Rejects when the database cannot be had. Both implementations pass one suite of tests. */
export interface KeyStore {
  /** @param digest of a secret, see `keyDigest` */
  find(digest: string): Promise<FoundKey | undefined>;
  /** Rejects when there is a key of that id or secret already. */
  create(key: KeyRecord, digest: string): Promise<void>;
  get(id: string): Promise<KeyRecord | undefined>;
  /** The oldest first, at most `mostListed`. @param tenant of all when undefined */
  list(tenant?: string): Promise<readonly KeyRecord[]>;
  /** For good. A second time changes nothing. @returns the key as it is then; undefined when there is none */
  revoke(id: string, nowMs: number): Promise<KeyRecord | undefined>;
  /**
   * Gives a key a new secret.
   *
   * @param oldUntilMs when the secrets so far cease to be good
   * @returns undefined when there is no such key, or it has been revoked; nothing has changed then
   */
  rotate(id: string, digest: string, nowMs: number, oldUntilMs: number): Promise<KeyRecord | undefined>;
  close(): Promise<void>;
}

export const mostListed = 10_000;
