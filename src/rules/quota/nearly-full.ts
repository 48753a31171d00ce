/**
 * Counters that were last seen near their limit. Calls that they concern are held against them as soon as their headers
 * have come, so that a refused one is not read; for all others one look at the counters is enough, when the body has come.
 */
import type { Claim, Level } from "../../stores/counter-store.ts";

const nearShare = 0.9;
/** Counters that would be full but for their reservations; the one noted for longest leaves first. */
const mostNoted = 10_000;

export class NearlyFull {
  readonly #monotonicMs: () => number;
  /** Until when, by tenant and key. */
  readonly #notedUntilMs = new Map<string, number>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** Nobody need be named to be told that it is not here. */
  get isEmpty(): boolean {
    return this.#notedUntilMs.size === 0;
  }

  has(tenant: string, { key }: Claim): boolean {
    const name = `${tenant}\n${key}`;
    const untilMs = this.#notedUntilMs.get(name);
    if (untilMs === undefined) return false;
    if (untilMs > this.#monotonicMs()) return true;
    this.#notedUntilMs.delete(name);
    return false;
  }

  note(tenant: string, { key, limit }: Claim, { used, reserved, resetMs }: Level): void {
    const name = `${tenant}\n${key}`;
    this.#notedUntilMs.delete(name);
    if (used + reserved < limit * nearShare) return;
    this.#notedUntilMs.set(name, this.#monotonicMs() + resetMs);
    if (this.#notedUntilMs.size <= mostNoted) return;
    const { value } = this.#notedUntilMs.keys().next();
    if (value !== undefined) this.#notedUntilMs.delete(value);
  }
}
