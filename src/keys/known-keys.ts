/**
 * Virtual keys as the calls ask for them. What was found is believed for a second, so a revoked key stops within one in
 * every process; calls that ask for the same key meanwhile share one look-up. While the database cannot be had, keys that
 * were known within the last minute go on as they were, and all others are refused.
 */
import { keyDigest, type VirtualKey } from "../identity/virtual-key.ts";
import type { FoundKey, KeyStore } from "./store.ts";

/** What a presented key is worth. */
export type KeyVerdict =
  | { readonly kind: "good"; readonly key: VirtualKey }
  | { readonly kind: "unknown" }
  | { readonly kind: "revoked" | "expired"; readonly key: VirtualKey }
  /** Nobody can say. */
  | { readonly kind: "unavailable" };

/** Who knows keys. Synchronous when it has been asked just now. */
export interface KeyDirectory {
  find(secret: string): KeyVerdict | Promise<KeyVerdict>;
}

export interface KnownKeysOptions {
  readonly store: Pick<KeyStore, "find">;
  readonly monotonicMs: () => number;
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  /** Hears why the database could not be asked. */
  readonly failed: (error: unknown) => void;
}

/** Counted from the question, so that what is believed is never older, however long the answer took. */
const freshMs = 1_000;
/** A look-up that takes longer has failed. Not longer than `freshMs`: what it brings would be stale. */
const longestLookUpMs = 1_000;
/** After a failure nobody waits for the database for so long. */
const pauseMs = 1_000;
/** How long a known key outlives the database. */
const lastKnownMs = 60_000;
const mostKnown = 10_000;
/** Kept apart: whoever tries random keys must not push out the good ones. */
const mostUnknown = 4_096;
const mostLookUps = 256;

interface Entry {
  readonly found: FoundKey | undefined;
  readonly askedMs: number;
}

const unknown: KeyVerdict = { kind: "unknown" };
const unavailable: KeyVerdict = { kind: "unavailable" };

export class KnownKeys implements KeyDirectory {
  readonly #options: KnownKeysOptions;
  readonly #known = new Map<string, Entry>();
  readonly #unknown = new Map<string, Entry>();
  readonly #lookUps = new Map<string, Promise<KeyVerdict>>();
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: KnownKeysOptions) {
    this.#options = options;
  }

  find(secret: string): KeyVerdict | Promise<KeyVerdict> {
    const digest = keyDigest(secret);
    if (digest === undefined) return unknown;
    const entry = this.#known.get(digest) ?? this.#unknown.get(digest);
    const now = this.#options.monotonicMs();
    if (entry !== undefined && now - entry.askedMs < freshMs) return this.#verdict(entry.found);
    const underWay = this.#lookUps.get(digest);
    if (underWay !== undefined) return underWay;
    if (now < this.#pausedUntilMs || this.#lookUps.size >= mostLookUps) return this.#lastKnown(digest);
    const lookUp = this.#lookUp(digest, now);
    this.#lookUps.set(digest, lookUp);
    return lookUp;
  }

  async #lookUp(digest: string, askedMs: number): Promise<KeyVerdict> {
    try {
      const found = await inTime(this.#options.store.find(digest));
      this.#keep(digest, { found, askedMs });
      return this.#verdict(found);
    } catch (error) {
      this.#pausedUntilMs = this.#options.monotonicMs() + pauseMs;
      this.#options.failed(error);
      return this.#lastKnown(digest);
    } finally {
      this.#lookUps.delete(digest);
    }
  }

  #keep(digest: string, entry: Entry): void {
    this.#known.delete(digest);
    this.#unknown.delete(digest);
    const [entries, most] =
      entry.found === undefined ? [this.#unknown, mostUnknown] : [this.#known, mostKnown];
    entries.set(digest, entry);
    if (entries.size <= most) return;
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      return;
    }
  }

  #lastKnown(digest: string): KeyVerdict {
    const entry = this.#known.get(digest);
    if (entry === undefined || this.#options.monotonicMs() - entry.askedMs >= lastKnownMs) return unavailable;
    return this.#verdict(entry.found);
  }

  #verdict(found: FoundKey | undefined): KeyVerdict {
    if (found === undefined) return unknown;
    const { key, secretExpiresMs = Number.POSITIVE_INFINITY } = found;
    const { expiresMs = Number.POSITIVE_INFINITY } = key;
    if (key.revokedMs !== undefined) return { kind: "revoked", key };
    if (this.#options.nowMs() >= Math.min(expiresMs, secretExpiresMs)) return { kind: "expired", key };
    return { kind: "good", key };
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer from the database in ${longestLookUpMs} ms`)),
      longestLookUpMs,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
