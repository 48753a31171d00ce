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
   * @param countedAt the counters that depend on the target, if that had been asked first
   */
  settle(record: ExchangeRecord, countedAt: (target: string) => readonly Counted[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const total = truthOf(record);
    const byTarget = truthByTarget(record);
    const expected = new Set<string>();
    for (const holding of this.#holdings) {
      this.#tell(holding, ({ rule, claim }) => {
        if (!dependsOnTarget(rule)) return total;
        expected.add(claim.key);
        for (const [target, truth] of byTarget) {
          if (countedAt(target).some((counted) => counted.claim.key === claim.key)) return truth;
        }
        return nothing;
      });
    }
    // Where it was not to be expected, counted as it came: a limit is no reason against what has been done.
    if (expected.size === 0) return;
    for (const [target, truth] of byTarget) {
      const unexpected = countedAt(target).filter(({ claim }) => !expected.has(claim.key));
      if (unexpected.length > 0) this.#count(unexpected, truth);
    }
  }

  #count(counted: readonly Counted[], truth: Truth): void {
    const { store } = this.#shared;
    const claims = counted.map(({ claim }) => ({ ...claim, amount: 0, enforce: false }));
    const { tenant } = this.#call.caller;
    const told = store.take({ lease: this.#newLease(), tenant, claims, leaseMs }).then(async (taken) => {
      if (taken.outcome !== "granted") return;
      await store.settle(
        taken.reservation,
        counted.map(({ measure }) => amountOf(measure, truth)),
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

/** A request for each target that was tried, however often; what was used, where it was used. */
function truthByTarget({ attemptsTried }: ExchangeRecord): Map<string, Truth> {
  const byTarget = new Map<string, Truth>();
  for (const { cluster, usage, chargedNanoUsd } of attemptsTried) {
    const { tokens, nanoUsd } = byTarget.get(cluster) ?? nothing;
    byTarget.set(cluster, {
      requests: 1,
      tokens: bounded(tokens + usage.input + usage.output),
      nanoUsd: bounded(nanoUsd + chargedNanoUsd),
    });
  }
  return byTarget;
}

/** Counts come from providers. */
function bounded(amount: number): number {
  return amount > 0 ? Math.min(Math.floor(amount), Number.MAX_SAFE_INTEGER) : 0;
}
