/** Short words for what the tests take. */
import type { Claim, CounterStore, Granted, Taken, Window } from "../../../src/stores/counter-store.ts";

export const minute: Window = { kind: "sliding", ms: 60_000 };
export const concurrent: Window = { kind: "concurrent" };

export function claim(key: string, limit: number, amount: number, more: Partial<Claim> = {}): Claim {
  return { key, window: minute, limit, amount, enforce: true, onStoreFailure: "allow", ...more };
}

let leases = 0;

export function newLease(): string {
  leases++;
  return `lease-${process.pid}-${leases}`;
}

export interface TakeOptions {
  readonly lease?: string;
  readonly tenant?: string;
  readonly leaseMs?: number;
}

export function take(
  store: CounterStore,
  claims: readonly Claim[],
  options: TakeOptions = {},
): Promise<Taken> {
  const { lease = newLease(), tenant = "acme", leaseMs = 60_000 } = options;
  return store.take({ lease, tenant, claims, leaseMs });
}

/** What must be granted. */
export async function granted(
  store: CounterStore,
  claims: readonly Claim[],
  options: TakeOptions = {},
): Promise<Granted> {
  const taken = await take(store, claims, options);
  if (taken.outcome !== "granted") throw new Error(`${taken.outcome}: ${JSON.stringify(taken)}`);
  return taken;
}

export async function outcome(store: CounterStore, ...claims: readonly Claim[]): Promise<Taken["outcome"]> {
  return (await take(store, claims)).outcome;
}
