/** Settlements that the store has yet to hear of. Bounded; each is counted once. */
import { type Reservation, StoreUnavailableError } from "../counter-store.ts";

interface Entry {
  readonly reservation: Reservation;
  readonly actual: readonly number[];
  /** When it was first sent without an answer: it may have been counted. */
  sentMs: number | undefined;
}

export interface BacklogOptions {
  readonly limit: number;
  readonly monotonicMs: () => number;
  /** How long the store knows a settlement that it has counted; one that may be older is not sent again. */
  readonly knownForMs: number;
  /** Settlements that the store will not hear of. */
  readonly onDropped: (count: number) => void;
}

type Send = (reservation: Reservation, actual: readonly number[]) => Promise<void>;

const sentTogether = 32;

export class Backlog {
  readonly #options: BacklogOptions;
  /** Oldest first. */
  #entries: Entry[] = [];
  #draining: Promise<void> | undefined;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** @param sent it was sent, and nobody knows whether it was counted */
  add(reservation: Reservation, actual: readonly number[], sent: boolean): void {
    if (this.#entries.length >= this.#options.limit) return this.#options.onDropped(1);
    this.#entries.push({ reservation, actual, sentMs: sent ? this.#options.monotonicMs() : undefined });
  }

  /** Sends what there is, until all is sent or the store fails. `send` rejects with a `StoreUnavailableError`. */
  drain(send: Send): Promise<void> {
    this.#draining ??= this.#drain(send).finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #drain(send: Send): Promise<void> {
    for (let failed = false; this.#entries.length > 0 && !failed; ) {
      const kept = await this.#sendSome(this.#entries.splice(0, sentTogether), send);
      failed = kept.length > 0;
      this.#entries.unshift(...kept);
    }
  }

  /** @returns those that must be sent again */
  async #sendSome(entries: readonly Entry[], send: Send): Promise<Entry[]> {
    const oldestMs = this.#options.monotonicMs() - this.#options.knownForMs;
    const fresh = entries.filter(({ sentMs }) => sentMs === undefined || sentMs > oldestMs);
    let dropped = entries.length - fresh.length;
    const kept: Entry[] = [];
    await Promise.all(
      fresh.map(async (entry) => {
        try {
          await send(entry.reservation, entry.actual);
        } catch (error) {
          const trouble = error instanceof StoreUnavailableError ? error.trouble : "call";
          if (trouble === "unanswered") entry.sentMs ??= this.#options.monotonicMs();
          // The answer would be the same the next time.
          if (trouble === "call") dropped++;
          else kept.push(entry);
        }
      }),
    );
    if (dropped > 0) this.#options.onDropped(dropped);
    return kept;
  }
}
