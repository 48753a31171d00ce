/** Memory stays within its bounds, and what is over is let go of a little at a time. */
import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/stores/counter-store.ts";
import { ExpiringMap } from "../../../src/stores/memory/expiring-map.ts";
import { MemoryCounters } from "../../../src/stores/memory/memory-counters.ts";

function memory(maxCounters: number, maxLeases: number) {
  let nowMs = 1_000_000;
  let leases = 0;
  const clock = () => nowMs;
  const store = new MemoryCounters({ monotonicMs: clock, wallMs: clock, maxCounters, maxLeases });
  return {
    store,
    advance: (ms: number) => {
      nowMs += ms;
    },
    take: (key: string, more: Partial<Claim> = {}) => {
      const claim = {
        key,
        window: { kind: "sliding", ms: 1_000 },
        limit: 1,
        amount: 1,
        enforce: true,
      } as const;
      const claims = [{ ...claim, onStoreFailure: "refuse" as const, ...more }];
      return store.take({ lease: `l${leases++}`, tenant: "t", claims, leaseMs: 10_000 });
    },
  };
}

describe("a store in memory that is full", () => {
  it("treats a claim on a counter that has no room as one without a store", async () => {
    const { take, advance } = memory(2, 100);
    await take("a");
    await take("b");
    expect(await take("c")).toEqual({ outcome: "unavailable", claim: 0 });
    expect(await take("c", { onStoreFailure: "allow" })).toMatchObject({ outcome: "granted" });
    expect(await take("c", { enforce: false })).toMatchObject({ outcome: "granted" });
    expect(await take("a")).toMatchObject({ outcome: "denied" });
    advance(1_050);
    expect(await take("c")).toMatchObject({ outcome: "granted" });
  });

  it("does the same when there is no room for a lease, and makes some when leases are settled", async () => {
    const { store, take } = memory(100, 2);
    const first = await take("a");
    await take("b");
    expect(await take("c")).toEqual({ outcome: "unavailable", claim: 0 });
    expect(await take("c", { onStoreFailure: "allow" })).toMatchObject({ levels: [{ reserved: 0 }] });
    if (first.outcome === "granted") await store.settle(first.reservation, [1]);
    expect(await take("c")).toMatchObject({ outcome: "granted" });
  });

  it("can settle what was granted uncounted", async () => {
    const { store, take } = memory(0, 100);
    const taken = await take("a", { onStoreFailure: "allow" });
    if (taken.outcome !== "granted") throw new Error(taken.outcome);
    await store.renew(taken.reservation, 1_000);
    await store.settle(taken.reservation, [1]);
    expect(store.size).toEqual({ counters: 0, leases: 0 });
  });
});

it("forgets counters that are empty and leases that nobody settled, with no call of its own", async () => {
  const { store, take, advance } = memory(1_000, 1_000);
  for (let index = 0; index < 500; index++) await take(`k${index}`);
  expect(store.size).toEqual({ counters: 500, leases: 500 });
  advance(3_700_000);
  for (let index = 0; index < 600; index++) await take("other", { limit: 1_000 });
  expect(store.size).toEqual({ counters: 1, leases: 600 });
});

describe("a map of entries that expire", () => {
  it("has its bound, and makes room of what is over", () => {
    const map = new ExpiringMap<number>(3, (untilMs) => untilMs);
    for (const untilMs of [10, 20, 30]) expect(map.add(`k${untilMs}`, untilMs, 0)).toBe(true);
    expect(map.add("more", 40, 5)).toBe(false);
    expect(map.add("more", 40, 20)).toBe(true);
    expect([map.get("k10"), map.get("k20"), map.get("k30"), map.size]).toEqual([undefined, undefined, 30, 2]);
  });

  it("looks at a few entries in each step and comes round to all", () => {
    const map = new ExpiringMap<number>(100, (untilMs) => untilMs);
    for (let index = 0; index < 10; index++) map.add(`k${index}`, index < 5 ? 1 : 100, 0);
    map.sweep(50, 2);
    expect(map.size).toBe(8);
    for (let step = 0; step < 4; step++) map.sweep(50, 2);
    expect(map.size).toBe(5);
    for (let step = 0; step < 10; step++) map.sweep(200, 2);
    expect(map.size).toBe(0);
  });
});
