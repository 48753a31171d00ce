/** Counters in memory that say what they were asked, and that can be slow. */
import {
  type CounterStore,
  type Level,
  type Reservation,
  type Take,
  type Taken,
  windowName,
} from "../../../../src/stores/counter-store.ts";
import { MemoryCounters, type MemoryCountersOptions } from "../../../../src/stores/memory/memory-counters.ts";

export class WatchedStore implements CounterStore {
  readonly takes: Take[] = [];
  readonly settled: (readonly number[])[] = [];
  /** In place of what the counters would say. */
  answer: Taken | Error | undefined;
  readonly #memory: MemoryCounters;
  readonly #seen = new Map<string, Take>();
  #wait: Promise<void> | undefined;

  constructor(options: MemoryCountersOptions) {
    this.#memory = new MemoryCounters(options);
  }

  /** Answers nothing until what it returns is called; what is asked is done at once. */
  hold(): () => void {
    let release = (): void => undefined;
    this.#wait = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      this.#wait = undefined;
      release();
    };
  }

  async take(take: Take): Promise<Taken> {
    this.takes.push(take);
    for (const claim of take.claims) {
      this.#seen.set(`${take.tenant} ${claim.key} ${windowName(claim.window)}`, { ...take, claims: [claim] });
    }
    if (this.answer instanceof Error) throw this.answer;
    const taken = this.answer ?? (await this.#memory.take(take));
    await this.#wait;
    return taken;
  }

  async settle(reservation: Reservation, actual: readonly number[]): Promise<void> {
    this.settled.push(actual);
    await this.#memory.settle(reservation, actual);
  }

  renew(reservation: Reservation, leaseMs: number): Promise<void> {
    return this.#memory.renew(reservation, leaseMs);
  }

  levels(...asked: Parameters<CounterStore["levels"]>): Promise<Level[]> {
    return this.#memory.levels(...asked);
  }

  /** Every counter that anybody has claimed from, with the limit it was held against. */
  async all(): Promise<Array<Level & { readonly limit: number; readonly enforce: boolean }>> {
    const found: Array<Level & { readonly limit: number; readonly enforce: boolean }> = [];
    for (const { tenant, claims } of this.#seen.values()) {
      const [level] = await this.#memory.levels(tenant, claims);
      const [claim] = claims;
      if (level === undefined || claim === undefined) continue;
      found.push({ ...level, limit: claim.limit, enforce: claim.enforce });
    }
    return found;
  }
}
