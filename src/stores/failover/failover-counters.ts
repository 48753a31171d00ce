/**
 * A shared store that may be down. Claims that say so are refused then; the others are counted in this process, each
 * against its whole limit and from the level last seen, and what they came to is told to the store when it is back.
 */
import {
  type CounterName,
  type CounterStore,
  type Level,
  type Reservation,
  StoreUnavailableError,
  type Take,
  type Taken,
} from "../counter-store.ts";
import type { MemoryCounters } from "../memory/memory-counters.ts";
import { Backlog } from "./backlog.ts";
import { StoreHealth } from "./health.ts";
import { LastLevels } from "./last-levels.ts";

export interface FailoverOptions {
  readonly store: CounterStore;
  /** Counts while the store is down. */
  readonly shadow: MemoryCounters;
  readonly monotonicMs: () => number;
  /** How long the store knows a settlement that it has counted. */
  readonly settledMarkMs: number;
  readonly onDown: (error: Error) => void;
  readonly onUp: () => void;
  /** Settlements that the store will not hear of. */
  readonly onDropped: (count: number) => void;
  readonly maxBacklog?: number;
}

const defaultMaxBacklog = 20_000;
const probeLeaseMs = 1_000;
const drainPauseMs = 500;

export class FailoverCounters implements CounterStore {
  readonly #store: CounterStore;
  readonly #shadow: MemoryCounters;
  readonly #monotonicMs: () => number;
  readonly #health: StoreHealth;
  readonly #backlog: Backlog;
  readonly #lastLevels = new LastLevels();
  readonly #onDropped: (count: number) => void;
  #drainTimer: NodeJS.Timeout | undefined;

  constructor(options: FailoverOptions) {
    this.#store = options.store;
    this.#shadow = options.shadow;
    this.#monotonicMs = options.monotonicMs;
    this.#onDropped = options.onDropped;
    this.#backlog = new Backlog({
      limit: options.maxBacklog ?? defaultMaxBacklog,
      monotonicMs: options.monotonicMs,
      knownForMs: options.settledMarkMs / 2,
      onDropped: options.onDropped,
    });
    this.#health = new StoreHealth({
      // Takes nothing, but writes the record of a lease: a replica and a full server say no to that.
      probe: async () => {
        await this.#store.take({ lease: "probe", tenant: "", claims: [], leaseMs: probeLeaseMs });
      },
      onDown: options.onDown,
      onUp: () => {
        options.onUp();
        this.#drainSoon(0);
      },
    });
  }

  get isUp(): boolean {
    return this.#health.isUp;
  }

  /** Settlements that the store has yet to hear of. */
  get backlog(): number {
    return this.#backlog.size;
  }

  async take(take: Take): Promise<Taken> {
    if (!this.#health.isUp) return this.#takeAlone(take);
    try {
      const taken = await this.#ask(() => this.#store.take(take));
      if (taken.outcome !== "unavailable") {
        this.#lastLevels.remember(take.tenant, take.claims, taken.levels, this.#monotonicMs());
      }
      return taken;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      const taken = await this.#takeAlone(take);
      // It may have been reserved there all the same. A grant is settled in due time, which ends that.
      if (error.trouble === "unanswered" && taken.outcome !== "granted") this.#giveBack(take);
      return taken;
    }
  }

  async settle(reservation: Reservation, actual: readonly number[]): Promise<void> {
    await this.#shadow.settle(reservation, actual);
    if (!this.#health.isUp) return this.#backlog.add(reservation, actual, false);
    try {
      await this.#settleInStore(reservation, actual);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      if (error.trouble === "call") return this.#onDropped(1);
      this.#backlog.add(reservation, actual, error.trouble === "unanswered");
      this.#drainSoon(drainPauseMs);
    }
  }

  async renew(reservation: Reservation, leaseMs: number): Promise<void> {
    await this.#shadow.renew(reservation, leaseMs);
    if (!this.#health.isUp) return;
    // A renewal that failed is not lost: the next one, or the settlement, makes up for it.
    await this.#ask(() => this.#store.renew(reservation, leaseMs)).catch(ignoreUnavailable);
  }

  async levels(tenant: string, counters: readonly CounterName[]): Promise<Level[]> {
    try {
      if (this.#health.isUp) return await this.#ask(() => this.#store.levels(tenant, counters));
    } catch (error) {
      ignoreUnavailable(error);
    }
    this.#goOnAlone(tenant, counters);
    return this.#shadow.levels(tenant, counters);
  }

  /** Tells the store what it has yet to hear, if it is there, and is over. */
  async close(): Promise<void> {
    this.#health.close();
    clearTimeout(this.#drainTimer);
    if (this.#health.isUp) await this.#backlog.drain(this.#settleInStore);
    if (this.#backlog.size > 0) this.#onDropped(this.#backlog.size);
  }

  readonly #settleInStore = (reservation: Reservation, actual: readonly number[]) =>
    this.#ask(() => this.#store.settle(reservation, actual));

  #drainSoon(pauseMs: number): void {
    if (this.#drainTimer !== undefined) return;
    this.#drainTimer = setTimeout(async () => {
      if (this.#health.isUp) await this.#backlog.drain(this.#settleInStore);
      this.#drainTimer = undefined;
      // While the store is down its return is waited for.
      if (this.#backlog.size > 0 && this.#health.isUp) this.#drainSoon(drainPauseMs);
    }, pauseMs);
    this.#drainTimer.unref();
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await question();
      this.#health.answered();
      return answer;
    } catch (error) {
      if (error instanceof StoreUnavailableError) this.#health.failed(error.trouble, error);
      throw error;
    }
  }

  async #takeAlone(take: Take): Promise<Taken> {
    const refusing = take.claims.findIndex(
      ({ enforce, onStoreFailure }) => enforce && onStoreFailure === "refuse",
    );
    if (refusing >= 0) return { outcome: "unavailable", claim: refusing };
    this.#goOnAlone(take.tenant, take.claims);
    return this.#shadow.take(take);
  }

  #goOnAlone(tenant: string, counters: readonly CounterName[]): void {
    for (const counter of counters) {
      const last = this.#lastLevels.claim(tenant, counter);
      if (last === undefined) continue;
      this.#shadow.replace(tenant, counter, last.used, this.#monotonicMs() - last.atMs);
    }
  }

  #giveBack({ lease, tenant, claims }: Take): void {
    const nothing = claims.map(() => 0);
    this.#backlog.add({ lease, tenant, claims, takenMs: this.#monotonicMs() }, nothing, false);
    this.#drainSoon(drainPauseMs);
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailableError)) throw error;
}
