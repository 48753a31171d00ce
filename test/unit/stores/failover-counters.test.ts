/** When the shared store is asked, when it is left alone, and what it is told later. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Claim, Granted } from "../../../src/stores/counter-store.ts";
import { FailoverCounters } from "../../../src/stores/failover/failover-counters.ts";
import { MemoryCounters } from "../../../src/stores/memory/memory-counters.ts";
import { ScriptedStore } from "./scripted-store.ts";

const month = { kind: "calendar", period: "2026-11", endsMs: Number.MAX_SAFE_INTEGER } as const;
const markMs = 600_000;

describe("a store behind which a process counts on its own", () => {
  let store: ScriptedStore;
  let counters: FailoverCounters;
  let heard: string[];
  let leases = 0;
  beforeEach(() => {
    vi.useFakeTimers();
    store = new ScriptedStore();
    heard = [];
    const clock = () => Date.now();
    counters = new FailoverCounters({
      store,
      shadow: new MemoryCounters({ monotonicMs: clock, wallMs: clock }),
      monotonicMs: clock,
      settledMarkMs: markMs,
      maxBacklog: 5,
      onDown: (error) => heard.push(error.message),
      onUp: () => heard.push("up"),
      onDropped: (count) => heard.push(`dropped ${count}`),
    });
  });
  afterEach(async () => {
    await counters.close();
    vi.useRealTimers();
  });

  const claim = (more: Partial<Claim> = {}): Claim => {
    return { key: "k", window: month, limit: 10, amount: 1, enforce: true, onStoreFailure: "allow", ...more };
  };
  const take = (...claims: Claim[]) =>
    counters.take({ lease: `l${leases++}`, tenant: "t", claims, leaseMs: 60_000 });
  const granted = async (...claims: Claim[]): Promise<Granted> => {
    const taken = await take(...claims);
    if (taken.outcome !== "granted") throw new Error(taken.outcome);
    return taken;
  };

  it("is down after one refusal to serve, and left alone between probes that grow rare", async () => {
    store.down = "gone";
    await take(claim());
    expect(counters.isUp).toBe(false);
    const calls = store.calls;
    await Promise.all(Array.from({ length: 50 }, () => take(claim({ limit: 100 }))));
    expect(store.calls).toBe(calls);
    await vi.advanceTimersByTimeAsync(60_000);
    // 0.1, 0.2, 0.4 … seconds and then every five, or half of that by chance.
    expect(store.calls - calls).toBeGreaterThanOrEqual(15);
    expect(store.calls - calls).toBeLessThanOrEqual(35);
    store.down = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(heard).toEqual(["scripted: gone", "up"]);
    expect(counters.isUp).toBe(true);
  });

  it("is down after three calls in a row without an answer, and not after two", async () => {
    store.troubles = ["unanswered", "unanswered", undefined, "unanswered", "unanswered"];
    for (let turn = 0; turn < 5; turn++) await take(claim());
    expect(counters.isUp).toBe(true);
    store.troubles = ["unanswered", "unanswered", "unanswered"];
    for (let turn = 0; turn < 3; turn++) await take(claim());
    expect(counters.isUp).toBe(false);
  });

  it("is not down because of one call that it cannot do", async () => {
    store.down = "call";
    for (let turn = 0; turn < 5; turn++) await take(claim());
    expect(counters.isUp).toBe(true);
    const { reservation } = await granted(claim());
    await counters.settle(reservation, [1]);
    expect(heard).toEqual(["dropped 1"]);
  });

  it("refuses when an enforced claim says so, be it one of many", async () => {
    store.down = "gone";
    const strict = claim({ key: "strict", onStoreFailure: "refuse" });
    expect(await take(claim(), strict)).toEqual({ outcome: "unavailable", claim: 1 });
    expect(await take(claim(), { ...strict, enforce: false })).toMatchObject({ outcome: "granted" });
  });

  it("goes on from the level last seen, held amounts included, in every outage anew", async () => {
    for (const [used, left] of [
      [4, 5],
      [7, 2],
    ] as const) {
      store.level = { used, reserved: 1, resetMs: 1 };
      await granted(claim());
      store.down = "gone";
      expect(await take(claim({ amount: left + 1 }))).toMatchObject({ outcome: "denied" });
      expect(await counters.levels("t", [{ key: "k", window: month }])).toMatchObject([{ used: used + 1 }]);
      expect(await take(claim({ amount: left }))).toMatchObject({ outcome: "granted" });
      store.down = undefined;
      await vi.advanceTimersByTimeAsync(6_000);
      expect(counters.isUp).toBe(true);
    }
  });

  it("does not hold against this process what ran elsewhere when the store was last seen", async () => {
    store.level = { used: 0, reserved: 10, resetMs: 1 };
    const running = claim({ window: { kind: "concurrent" } });
    await granted(running);
    store.down = "gone";
    expect(await take(running)).toMatchObject({ outcome: "granted" });
  });

  it("is told later what was settled while it was down", async () => {
    const before = await granted(claim());
    store.down = "gone";
    const during = await granted(claim());
    await counters.settle(before.reservation, [3]);
    await counters.settle(during.reservation, [4]);
    expect(counters.backlog).toBe(2);
    store.down = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.settled).toEqual([[3], [4]]);
    expect(counters.backlog).toBe(0);
  });

  it("is told again, while up, what it did not answer to", async () => {
    const { reservation } = await granted(claim());
    store.troubles = ["unanswered"];
    await counters.settle(reservation, [3]);
    expect([counters.isUp, counters.backlog]).toEqual([true, 1]);
    store.troubles = ["unanswered"];
    await vi.advanceTimersByTimeAsync(500);
    expect(counters.backlog).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    expect([counters.backlog, store.settled]).toEqual([0, [[3]]]);
  });

  it("is told to give back what it may have reserved for a take that was refused here", async () => {
    store.troubles = ["unanswered"];
    expect(await take(claim({ onStoreFailure: "refuse" }))).toMatchObject({ outcome: "unavailable" });
    await vi.advanceTimersByTimeAsync(500);
    expect(store.settled).toEqual([[0]]);
  });

  it("is not told again what it may have counted and forgotten", async () => {
    const [sent, unsent] = [await granted(claim()), await granted(claim())];
    store.troubles = ["unanswered"];
    await counters.settle(sent.reservation, [3]);
    store.down = "gone";
    await counters.settle(unsent.reservation, [4]);
    await vi.advanceTimersByTimeAsync(markMs);
    store.down = undefined;
    await vi.advanceTimersByTimeAsync(5_500);
    expect(store.settled).toEqual([[4]]);
    expect(heard).toEqual(["scripted: gone", "up", "dropped 1"]);
  });

  it("keeps no more for later than its bound, and says what it drops", async () => {
    const taken = await Promise.all(Array.from({ length: 7 }, () => granted(claim())));
    store.down = "gone";
    for (const { reservation } of taken) await counters.settle(reservation, [1]);
    expect(counters.backlog).toBe(5);
    expect(heard.filter((each) => each === "dropped 1")).toHaveLength(2);
    await counters.close();
    expect(heard).toContain("dropped 5");
  });

  it("is told the rest when the process ends", async () => {
    const { reservation } = await granted(claim());
    store.troubles = ["unanswered"];
    await counters.settle(reservation, [3]);
    await counters.close();
    expect(store.settled).toEqual([[3]]);
  });

  it("passes on what is no trouble of the store", async () => {
    await expect(take(claim({ amount: -1, limit: 1 }), claim())).resolves.toBeDefined();
    store.take = () => Promise.reject(new RangeError("a bug"));
    await expect(take(claim())).rejects.toThrow("a bug");
  });
});
