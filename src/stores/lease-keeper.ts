/** Renews the reservations of exchanges that outlast their lease: long streams. One timer for all of them. */
import type { CounterStore, Reservation } from "./counter-store.ts";

interface Kept {
  readonly reservation: Reservation;
  readonly leaseMs: number;
  renewedMs: number;
}

/** Two renewals may fail before a lease runs out. */
const renewalsPerLease = 3;
const turnMs = 1_000;
const renewedTogether = 64;

export class LeaseKeeper {
  readonly #store: CounterStore;
  readonly #monotonicMs: () => number;
  readonly #kept = new Map<string, Kept>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: CounterStore, monotonicMs: () => number) {
    this.#store = store;
    this.#monotonicMs = monotonicMs;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Until `release`, which every exchange comes to. */
  keep(reservation: Reservation, leaseMs: number): void {
    this.#kept.set(reservation.lease, { reservation, leaseMs, renewedMs: this.#monotonicMs() });
    this.#schedule();
  }

  release(lease: string): void {
    this.#kept.delete(lease);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#kept.clear();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#kept.size === 0) return;
    this.#timer = setTimeout(async () => {
      await this.#renewDue();
      this.#timer = undefined;
      this.#schedule();
    }, turnMs);
    this.#timer.unref();
  }

  async #renewDue(): Promise<void> {
    const nowMs = this.#monotonicMs();
    const due = [...this.#kept.values()].filter(
      ({ leaseMs, renewedMs }) => nowMs - renewedMs >= leaseMs / renewalsPerLease,
    );
    for (let from = 0; from < due.length; from += renewedTogether) {
      await Promise.allSettled(
        due.slice(from, from + renewedTogether).map((kept) => this.#renew(kept, nowMs)),
      );
    }
  }

  async #renew(kept: Kept, nowMs: number): Promise<void> {
    // Settled while others were renewed.
    if (!this.#kept.has(kept.reservation.lease)) return;
    kept.renewedMs = nowMs;
    await this.#store.renew(kept.reservation, kept.leaseMs);
  }
}
