/** What an exchange holds of its counters, until it is settled. */
import type { Measure } from "../../policy/quotas.ts";
import type { Reservation, Taken } from "../../stores/counter-store.ts";
import type { ExchangeRecord } from "../../telemetry/record.ts";
import type { CallContext } from "../rule.ts";
import { type Counted, dependsOnTarget } from "./counted.ts";
import type { QuotaShared } from "./rule.ts";

/** Renewed every third of it while the exchange goes on: so long is held what a killed process held. */
export const leaseMs = 60_000;

interface Holding {
  readonly reservation: Reservation;
  readonly counted: readonly Counted[];
}

/** What one target, or all of them, came to. */
interface Truth {
  readonly requests: number;
  readonly tokens: number;
  readonly nanoUsd: number;
}

const nothing: Truth = { requests: 0, tokens: 0, nanoUsd: 0 };

/** What one counter is told that depends on the target. */
interface Used {
  readonly counted: Counted;
  readonly truth: Truth;
}

export class Held {
  readonly #shared: QuotaShared;
  readonly #call: CallContext;
  #holdings: Holding[] = [];
  #leases = 0;
  #isOver = false;

  constructor(shared: QuotaShared, call: CallContext) {
    this.#shared = shared;
    this.#call = call;
  }

  /** Takes from all counters or from none. Once the exchange is over it is given back at once. */
  async take(counted: readonly Counted[]): Promise<Taken> {
    const { store, keeper } = this.#shared;
    const taken = await store.take({
      lease: this.#newLease(),
      tenant: this.#call.caller.tenant,
      claims: counted.map(({ claim }) => claim),
      leaseMs,
    });
    if (taken.outcome !== "granted") return taken;
    const holding = { reservation: taken.reservation, counted };
    if (this.#isOver) {
      this.#tell(holding, () => nothing);
      return taken;
    }
    this.#holdings.push(holding);
    keeper.keep(taken.reservation, leaseMs);
    return taken;
  }

  giveBack(taken: Taken): void {
    if (taken.outcome !== "granted") return;
    const holding = this.#holdings.find(({ reservation }) => reservation === taken.reservation);
    if (holding === undefined) return;
    this.#holdings = this.#holdings.filter((other) => other !== holding);
    this.#tell(holding, () => nothing);
  }

  /**
   * The truth takes the place of all that is held.
   *
   * @param countedAt the counters that depend on the target, as if that had been asked first; undefined: there are none
   */
  settle(record: ExchangeRecord, countedAt?: (target: string) => readonly Counted[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const total = truthOf(record);
    const atTargets = countedAt === undefined ? new Map<string, Used>() : truthByCounter(record, countedAt);
    for (const holding of this.#holdings) {
      this.#tell(holding, ({ rule, claim }) => {
        if (!dependsOnTarget(rule)) return total;
        const found = atTargets.get(claim.key);
        atTargets.delete(claim.key);
        return found?.truth ?? nothing;
      });
    }
    // Where it was not to be expected, counted as it came: a limit is no reason against what has been done.
    if (atTargets.size > 0) this.#count([...atTargets.values()]);
  }

  #count(used: readonly Used[]): void {
    const { store } = this.#shared;
    const claims = used.map(({ counted: { claim } }) => ({ ...claim, amount: 0, enforce: false }));
    const { tenant } = this.#call.caller;
    const told = store.take({ lease: this.#newLease(), tenant, claims, leaseMs }).then(async (taken) => {
      if (taken.outcome !== "granted") return;
      await store.settle(
        taken.reservation,
        used.map(({ counted, truth }) => amountOf(counted.measure, truth)),
      );
    });
    this.#await(told);
  }

  #newLease(): string {
    this.#leases++;
    return `${this.#call.id}.${this.#leases}`;
  }

  #tell({ reservation, counted }: Holding, truth: (counted: Counted) => Truth): void {
    const { store, keeper } = this.#shared;
    keeper.release(reservation.lease);
    const actual = counted.map((one) => amountOf(one.measure, truth(one)));
    this.#await(store.settle(reservation, actual));
  }

  #await(told: Promise<void>): void {
    const { pending, failed } = this.#shared;
    const heard = told.catch(failed).finally(() => pending.delete(heard));
    pending.add(heard);
  }
}

function amountOf(measure: Measure, truth: Truth): number {
  return measure === "concurrent" ? 0 : truth[measure];
}

/** Who was refused, or whose request went nowhere, used nothing. */
function truthOf(record: ExchangeRecord): Truth {
  const wasServed = record.attempts > 0 || record.outcome === "finished";
  const { usage, chargedNanoUsd } = record;
  return {
    requests: wasServed && record.outcome !== "refused" ? 1 : 0,
    tokens: bounded(usage.input + usage.output),
    nanoUsd: bounded(chargedNanoUsd),
  };
}

/** By the counters' keys. Targets may share a counter: it is told of all that were tried. */
function truthByCounter(
  record: ExchangeRecord,
  countedAt: (target: string) => readonly Counted[],
): Map<string, Used> {
  const byCounter = new Map<string, Used>();
  for (const [target, truth] of truthByTarget(record)) {
    for (const counted of countedAt(target)) {
      const { key } = counted.claim;
      byCounter.set(key, { counted, truth: sum(byCounter.get(key)?.truth ?? nothing, truth) });
    }
  }
  return byCounter;
}

/** A request for each target that was tried, however often; what was used, where it was used. */
function truthByTarget({ attemptsTried }: ExchangeRecord): Map<string, Truth> {
  const byTarget = new Map<string, Truth>();
  for (const { cluster, usage, chargedNanoUsd } of attemptsTried) {
    const used = { requests: 0, tokens: usage.input + usage.output, nanoUsd: chargedNanoUsd };
    byTarget.set(cluster, { ...sum(byTarget.get(cluster) ?? nothing, used), requests: 1 });
  }
  return byTarget;
}

function sum(one: Truth, other: Truth): Truth {
  return {
    requests: one.requests + other.requests,
    tokens: bounded(one.tokens + other.tokens),
    nanoUsd: bounded(one.nanoUsd + other.nanoUsd),
  };
}

/** Counts come from providers. */
function bounded(amount: number): number {
  return amount > 0 ? Math.min(Math.floor(amount), Number.MAX_SAFE_INTEGER) : 0;
}
