/** The counters of one process. Nothing is shared and nothing survives: for one sidecar, and for the time without Redis. */
import {
  type CounterName,
  type CounterStore,
  checkAmount,
  checkLease,
  checkTake,
  type Level,
  type Reservation,
  type Take,
  type Taken,
  windowName,
} from "../counter-store.ts";
import { isCalendar, leaseEndMs, leavesMs, type Shape, shapeOf, sliceAt } from "../slices.ts";
import { Counter } from "./counter.ts";
import { ExpiringMap } from "./expiring-map.ts";

export interface MemoryCountersOptions {
  /** Never goes back. Whole milliseconds are enough. */
  readonly monotonicMs: () => number;
  /** The clock that calendars go by. */
  readonly wallMs: () => number;
  readonly maxCounters?: number;
  readonly maxLeases?: number;
}

/** A lease that is not settled: where its amounts are. */
interface Lease {
  endMs: number;
  /** In the order of the claims. */
  places: Place[];
}

interface Place {
  readonly slice: number;
  readonly amount: number;
}

/** Some 300 bytes each. */
const defaultMaxCounters = 200_000;
const defaultMaxLeases = 100_000;
/** How long a lease that ran out waits for its settlement. */
const keptAfterEndMs = 3_600_000;
const sweepSteps = 2;

export class MemoryCounters implements CounterStore {
  readonly #monotonicMs: () => number;
  readonly #wallMs: () => number;
  readonly #counters: ExpiringMap<Counter>;
  readonly #leases: ExpiringMap<Lease>;

  constructor(options: MemoryCountersOptions) {
    this.#monotonicMs = options.monotonicMs;
    this.#wallMs = options.wallMs;
    this.#counters = new ExpiringMap(
      options.maxCounters ?? defaultMaxCounters,
      (counter: Counter) => counter.keptUntilMs,
    );
    this.#leases = new ExpiringMap(
      options.maxLeases ?? defaultMaxLeases,
      (lease: Lease) => lease.endMs + keptAfterEndMs,
    );
  }

  /** Counters and open leases that are kept. */
  get size(): { readonly counters: number; readonly leases: number } {
    return { counters: this.#counters.size, leases: this.#leases.size };
  }

  async take(take: Take): Promise<Taken> {
    checkTake(take);
    const nowMs = this.#sweep();
    const { tenant, claims } = take;
    const wallMs = this.#wallMs();
    const shapes = claims.map(({ window }) => shapeOf(window, wallMs));
    const known = this.#leases.get(leaseKey(take)) !== undefined;
    // Without room for a lease or a counter there is no store, as far as the claim is concerned.
    const room = known || this.#leases.hasRoom(nowMs);
    const counters = claims.map((claim) => (room ? this.#counter(tenant, claim, nowMs) : undefined));
    const wouldDeny: number[] = [];
    let denied: number | undefined;
    let waitMs: number | undefined = 0;
    for (let index = 0; index < claims.length; index++) {
      const [claim, counter, shape] = [claims[index], counters[index], shapes[index]];
      if (claim === undefined || shape === undefined || known) continue;
      if (counter === undefined && claim.enforce && claim.onStoreFailure === "refuse") {
        return { outcome: "unavailable", claim: index };
      }
      if (counter === undefined || counter.fits(claim.amount, claim.limit)) continue;
      if (!claim.enforce) wouldDeny.push(index);
      else {
        denied ??= index;
        waitMs = longer(waitMs, counter.waitMs(shape, claim.amount, claim.limit, nowMs));
      }
    }
    if (denied === undefined && room && !known) this.#hold(take, counters, shapes, nowMs);
    const levels = counters.map((counter, index) => levelOf(counter, shapes[index], nowMs));
    if (denied !== undefined) return { outcome: "denied", denied, retryAfterMs: waitMs, levels, wouldDeny };
    const reservation = { lease: take.lease, tenant, claims, takenMs: nowMs };
    return { outcome: "granted", reservation, levels, wouldDeny };
  }

  async settle(reservation: Reservation, actual: readonly number[]): Promise<void> {
    actual.forEach(checkAmount);
    const nowMs = this.#sweep();
    const lease = this.#leases.get(leaseKey(reservation));
    // Every lease that was granted is kept until it is settled: this one was, or had its hour.
    if (lease === undefined) return;
    this.#leases.delete(leaseKey(reservation));
    const wallMs = this.#wallMs();
    for (const [index, claim] of reservation.claims.entries()) {
      const place = lease.places[index];
      if (place === undefined) continue;
      const shape = shapeOf(claim.window, wallMs);
      const counter = this.#counter(reservation.tenant, claim, nowMs);
      if (place.amount > 0) counter?.release(place.slice, lease.endMs, place.amount, true);
      if (claim.window.kind !== "concurrent") counter?.add(shape, place.slice, actual[index] ?? 0, nowMs);
    }
  }

  async renew(reservation: Reservation, leaseMs: number): Promise<void> {
    checkLease(leaseMs);
    const nowMs = this.#sweep();
    const lease = this.#leases.get(leaseKey(reservation));
    if (lease === undefined) return;
    const endMs = Math.max(lease.endMs, leaseEndMs(nowMs, leaseMs));
    const wallMs = this.#wallMs();
    lease.places = reservation.claims.map((claim, index) => {
      const place = lease.places[index] ?? { slice: 0, amount: 0 };
      const shape = shapeOf(claim.window, wallMs);
      const counter = this.#counter(reservation.tenant, claim, nowMs);
      if (place.amount > 0) counter?.release(place.slice, lease.endMs, place.amount, true);
      if (leavesMs(shape, place.slice) <= nowMs) return { slice: place.slice, amount: 0 };
      const amount = counter?.hold(shape, place.slice, endMs, claim.amount, nowMs) ?? 0;
      return { slice: place.slice, amount };
    });
    lease.endMs = endMs;
  }

  async levels(tenant: string, counters: readonly CounterName[]): Promise<Level[]> {
    const nowMs = this.#sweep();
    const wallMs = this.#wallMs();
    return counters.map((name) => {
      const counter = this.#counters.get(counterKey(tenant, name));
      counter?.advance(nowMs);
      return levelOf(counter, shapeOf(name.window, wallMs), nowMs);
    });
  }

  /** Begins a counter anew, with what is known of it from elsewhere. */
  replace(tenant: string, name: CounterName, used: number, ageMs: number): void {
    const nowMs = Math.floor(this.#monotonicMs());
    const shape = shapeOf(name.window, this.#wallMs());
    this.#counters.delete(counterKey(tenant, name));
    this.#counter(tenant, name, nowMs)?.add(shape, sliceAt(shape, nowMs - ageMs), used, nowMs);
  }

  #hold(take: Take, counters: readonly (Counter | undefined)[], shapes: readonly Shape[], nowMs: number) {
    const endMs = leaseEndMs(nowMs, take.leaseMs);
    const places: Place[] = [];
    this.#leases.add(leaseKey(take), { endMs, places }, nowMs);
    take.claims.forEach((claim, index) => {
      const shape = shapes[index];
      const slice = shape === undefined ? 0 : sliceAt(shape, nowMs);
      const amount = shape && counters[index]?.hold(shape, slice, endMs, claim.amount, nowMs);
      places.push({ slice, amount: amount ?? 0 });
    });
  }

  #counter(tenant: string, name: CounterName, nowMs: number): Counter | undefined {
    const key = counterKey(tenant, name);
    const found = this.#counters.get(key);
    const counter = found ?? new Counter();
    counter.advance(nowMs);
    if (found === undefined && !this.#counters.add(key, counter, nowMs)) return undefined;
    return counter;
  }

  #sweep(): number {
    const nowMs = Math.floor(this.#monotonicMs());
    this.#counters.sweep(nowMs, sweepSteps);
    this.#leases.sweep(nowMs, sweepSteps);
    return nowMs;
  }
}

function levelOf(counter: Counter | undefined, shape: Shape | undefined, nowMs: number): Level {
  if (counter !== undefined && shape !== undefined) return counter.level(shape, nowMs);
  return { used: 0, reserved: 0, resetMs: shape !== undefined && isCalendar(shape) ? shape.spanMs : 0 };
}

/** Of two waits the one that lasts longer; undefined is for ever. */
function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

function counterKey(tenant: string, { key, window }: CounterName): string {
  return `${tenant}\0${key}\0${windowName(window)}`;
}

function leaseKey({ tenant, lease }: { readonly tenant: string; readonly lease: string }): string {
  return `${tenant}\0${lease}`;
}
