/** What every store of counters does. Its clock is the test's. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CounterStore } from "../../../src/stores/counter-store.ts";
import { claim, concurrent, granted, minute, newLease, outcome, take } from "./claims.ts";

export interface Subject {
  readonly store: CounterStore;
  /** Whole milliseconds. */
  advance(ms: number): Promise<void>;
  nowMs(): number;
}

const leaseMs = 60_000;
/** A lease ends within an eighth of its length. */
const surelyOverMs = leaseMs + leaseMs / 8;

export function describeStore(name: string, create: () => Promise<Subject>): void {
  describe(`${name} as a store of counters`, () => {
    let subject: Subject;
    let store: CounterStore;
    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });
    const level = async (key: string, window = minute, tenant = "acme") => {
      const [found] = await store.levels(tenant, [{ key, window }]);
      return found;
    };

    describe("taking", () => {
      it("grants up to the limit and not one more", async () => {
        expect(await outcome(store, claim("a", 10, 9))).toBe("granted");
        expect(await outcome(store, claim("a", 10, 2))).toBe("denied");
        expect(await outcome(store, claim("a", 10, 1))).toBe("granted");
        expect(await outcome(store, claim("a", 10, 1))).toBe("denied");
        expect(await outcome(store, claim("a", 10, 0))).toBe("granted");
      });

      it("reserves on all counters or on none", async () => {
        await granted(store, [claim("full", 1, 1)]);
        const claims = [claim("x", 10, 3), claim("full", 1, 1), claim("seen", 1, 2, { enforce: false })];
        expect(await take(store, claims)).toMatchObject({ outcome: "denied", denied: 1, wouldDeny: [2] });
        expect(await level("x")).toMatchObject({ used: 0, reserved: 0 });
        expect(await level("seen")).toMatchObject({ used: 0, reserved: 0 });
      });

      it("names the first claim that refuses, and waits for the last", async () => {
        await granted(store, [claim("b", 1, 1)]);
        await subject.advance(10_000);
        await granted(store, [claim("c", 1, 1)]);
        const taken = await take(store, [claim("a", 1, 1), claim("b", 1, 1), claim("c", 1, 1)]);
        expect(taken).toMatchObject({ outcome: "denied", denied: 1 });
        const alone = await take(store, [claim("c", 1, 1)]);
        expect(alone.outcome === "denied" && alone.retryAfterMs).toBe(
          taken.outcome === "denied" && taken.retryAfterMs,
        );
      });

      it("shows the levels with what was just taken", async () => {
        const { levels } = await granted(store, [claim("a", 10, 4), claim("b", 5, 5)]);
        expect(levels).toMatchObject([
          { used: 0, reserved: 4 },
          { used: 0, reserved: 5 },
        ]);
      });

      it("counts what is only observed, also above the limit, and says so", async () => {
        const observed = claim("a", 2, 2, { enforce: false });
        expect(await granted(store, [observed])).toMatchObject({ wouldDeny: [] });
        expect(await granted(store, [claim("b", 9, 1), observed])).toMatchObject({ wouldDeny: [1] });
        expect(await level("a")).toMatchObject({ reserved: 4 });
      });

      it("reserves once under one lease", async () => {
        const lease = newLease();
        const first = await granted(store, [claim("a", 3, 2)], { lease });
        expect(await granted(store, [claim("a", 3, 2)], { lease })).toMatchObject({ levels: first.levels });
        expect(await level("a")).toMatchObject({ reserved: 2 });
      });

      it("says that it will never be when the amount is above the limit", async () => {
        expect(await take(store, [claim("a", 5, 6)])).toMatchObject({
          outcome: "denied",
          retryAfterMs: undefined,
        });
      });

      it("keeps tenants, keys and windows apart", async () => {
        const tenants = ["acme", "a}b", "{acme}", "", "ä", "\ud800", "a b", "a:c:x"];
        for (const tenant of tenants) {
          await granted(store, [claim("k", 1, 1), claim("other", 1, 1)], { tenant });
          expect(await level("k", minute, tenant)).toMatchObject({ reserved: 1 });
        }
        const hour = { kind: "sliding", ms: 3_600_000 } as const;
        const november = { kind: "calendar", period: "2026-11", endsMs: subject.nowMs() + 1_000 } as const;
        for (const window of [hour, november, concurrent])
          await granted(store, [claim("k", 1, 1, { window })]);
      });

      it("counts exactly up to 2^53 - 1", async () => {
        const most = Number.MAX_SAFE_INTEGER;
        const { reservation } = await granted(store, [claim("a", most, most - 1)]);
        expect(await level("a")).toMatchObject({ reserved: most - 1 });
        expect(await outcome(store, claim("a", most, 2))).toBe("denied");
        const one = await granted(store, [claim("a", most, 1)]);
        await store.settle(reservation, [most - 1]);
        await store.settle(one.reservation, [1]);
        expect(await level("a")).toMatchObject({ used: most, reserved: 0 });
      });

      it("counts no further than 2^53 - 1", async () => {
        const most = Number.MAX_SAFE_INTEGER;
        const huge = claim("a", 10, most, { enforce: false });
        const first = await granted(store, [huge]);
        const second = await granted(store, [huge]);
        expect(await level("a")).toMatchObject({ reserved: most });
        await store.settle(first.reservation, [5]);
        await store.settle(second.reservation, [7]);
        expect(await level("a")).toMatchObject({ used: 12, reserved: 0 });
      });

      it.each([
        ["a fraction", [claim("a", 10, 0.5)]],
        ["a negative amount", [claim("a", 10, -1)]],
        ["more than a double counts", [claim("a", 2 ** 53, 1)]],
        ["one counter twice", [claim("a", 1, 1), claim("a", 2, 1)]],
        ["too many claims", Array.from({ length: 33 }, (_, index) => claim(`k${index}`, 1, 1))],
      ])("does not take %s", async (_, claims) => {
        await expect(take(store, claims)).rejects.toThrow(RangeError);
      });

      it.each([0, 3_600_001])("does not take, nor renew, for %d ms", async (wrongMs) => {
        await expect(take(store, [claim("a", 9, 1)], { leaseMs: wrongMs })).rejects.toThrow(RangeError);
        const { reservation } = await granted(store, [claim("a", 9, 1)]);
        await expect(store.renew(reservation, wrongMs)).rejects.toThrow(RangeError);
      });

      it("lets no more through than the limit when thousands come at once", async () => {
        const all = Array.from({ length: 3_000 }, () =>
          take(store, [claim("a", 100, 1), claim("b", 500, 1)]),
        );
        const outcomes = (await Promise.all(all)).map((taken) => taken.outcome);
        expect(outcomes.filter((each) => each === "granted")).toHaveLength(100);
        expect(await level("b")).toMatchObject({ reserved: 100 });
      });
    });

    describe("settling", () => {
      it("puts the truth in the reservation's place, be it less, more or nothing", async () => {
        for (const [key, actual] of [
          ["less", 3],
          ["more", 25],
          ["nothing", 0],
        ] as const) {
          const { reservation } = await granted(store, [claim(key, 10, 10)]);
          await store.settle(reservation, [actual]);
          expect(await level(key)).toMatchObject({ used: actual, reserved: 0 });
        }
      });

      it("counts once, whatever comes later", async () => {
        const { reservation } = await granted(store, [claim("a", 10, 8)]);
        await Promise.all([store.settle(reservation, [3]), store.settle(reservation, [3])]);
        await store.settle(reservation, [9]);
        await store.renew(reservation, leaseMs);
        expect(await level("a")).toMatchObject({ used: 3, reserved: 0 });
      });

      it("adds the truth once when the lease had run out", async () => {
        const window = { kind: "calendar", period: "2026-11", endsMs: subject.nowMs() + 9e8 } as const;
        const { reservation } = await granted(store, [claim("a", 10, 8, { window })], { leaseMs });
        await subject.advance(surelyOverMs);
        expect(await level("a", window)).toMatchObject({ used: 0, reserved: 0 });
        await store.settle(reservation, [4]);
        await store.settle(reservation, [4]);
        expect(await level("a", window)).toMatchObject({ used: 4, reserved: 0 });
      });

      it("counts at the time of the take, however long the exchange ran", async () => {
        const { reservation } = await granted(store, [claim("a", 10, 10)]);
        await subject.advance(45_000);
        await store.settle(reservation, [6]);
        expect(await level("a")).toMatchObject({ used: 6 });
        await subject.advance(17_000);
        expect(await level("a")).toMatchObject({ used: 0, resetMs: 0 });
      });

      it("has nothing to count when the window went by meanwhile", async () => {
        const { reservation } = await granted(store, [claim("a", 10, 10)], { leaseMs: 600_000 });
        await subject.advance(62_000);
        await store.settle(reservation, [6]);
        expect(await level("a")).toMatchObject({ used: 0, reserved: 0 });
      });

      it("settles every claim of the take by its own truth", async () => {
        const { reservation } = await granted(store, [
          claim("requests", 10, 1),
          claim("running", 10, 1, { window: concurrent }),
          claim("money", 10, 7),
        ]);
        await store.settle(reservation, [1, 1, 2]);
        expect(await level("requests")).toMatchObject({ used: 1, reserved: 0 });
        expect(await level("running", concurrent)).toMatchObject({ used: 0, reserved: 0 });
        expect(await level("money")).toMatchObject({ used: 2, reserved: 0 });
      });
    });

    describe("leases", () => {
      const held = { window: concurrent };

      it("hold for their time and not much longer", async () => {
        await granted(store, [claim("a", 1, 1, held)], { leaseMs });
        await subject.advance(leaseMs - 1);
        expect(await outcome(store, claim("a", 1, 1, held))).toBe("denied");
        await subject.advance(leaseMs / 8 + 1);
        expect(await outcome(store, claim("a", 1, 1, held))).toBe("granted");
      });

      it("hold on when renewed, and are settled the same", async () => {
        const { reservation } = await granted(store, [claim("a", 1, 1, held), claim("b", 9, 4)], { leaseMs });
        for (let turn = 0; turn < 5; turn++) {
          await subject.advance(leaseMs / 2);
          await store.renew(reservation, leaseMs);
          expect(await outcome(store, claim("a", 1, 1, held))).toBe("denied");
        }
        await store.settle(reservation, [1, 4]);
        expect(await outcome(store, claim("a", 1, 1, held))).toBe("granted");
      });

      it("are not cut short by a renewal", async () => {
        const { reservation } = await granted(store, [claim("a", 1, 1, held)], { leaseMs: 10 * leaseMs });
        await store.renew(reservation, leaseMs);
        await subject.advance(9 * leaseMs);
        expect(await outcome(store, claim("a", 1, 1, held))).toBe("denied");
        await store.settle(reservation, [1]);
        expect(await level("a", concurrent)).toMatchObject({ reserved: 0 });
      });

      it("are taken anew when renewed too late", async () => {
        const { reservation } = await granted(store, [claim("a", 1, 1, held)], { leaseMs });
        await subject.advance(surelyOverMs);
        await granted(store, [claim("a", 1, 1, held)], { leaseMs });
        await store.renew(reservation, leaseMs);
        expect(await level("a", concurrent)).toMatchObject({ reserved: 2 });
        await store.settle(reservation, [1]);
        expect(await level("a", concurrent)).toMatchObject({ reserved: 1 });
      });

      it("run out one by one", async () => {
        for (let turn = 0; turn < 4; turn++) {
          await granted(store, [claim("a", 10, 1, held)], { leaseMs });
          await subject.advance(leaseMs / 4);
        }
        expect(await level("a", concurrent)).toMatchObject({ reserved: 4 });
        await subject.advance(leaseMs / 8);
        expect(await level("a", concurrent)).toMatchObject({ reserved: 3 });
        await subject.advance(leaseMs);
        expect(await level("a", concurrent)).toMatchObject({ reserved: 0, resetMs: 0 });
      });
    });

    describe("windows", () => {
      it("slide: the edge of a minute is no second chance", async () => {
        await subject.advance(60_000 - (subject.nowMs() % 60_000) - 500);
        await granted(store, [claim("a", 60, 60)]);
        await subject.advance(1_000);
        expect(await outcome(store, claim("a", 60, 1))).toBe("denied");
        await subject.advance(58_000);
        expect(await outcome(store, claim("a", 60, 1))).toBe("denied");
        await subject.advance(3_000);
        expect(await outcome(store, claim("a", 60, 60))).toBe("granted");
      });

      it.each([1, 40, 1_000, 60_000, 86_400_000, 31 * 86_400_000])(
        "give back what was taken %d ms ago, never early and at most two slices late",
        async (ms) => {
          const window = { kind: "sliding", ms } as const;
          const [full, one] = [claim("a", 7, 7, { window }), claim("a", 7, 1, { window })];
          const { reservation } = await granted(store, [full]);
          await store.settle(reservation, [7]);
          await subject.advance(ms - 1);
          expect(await outcome(store, one)).toBe("denied");
          await subject.advance(1 + 2 * Math.ceil(ms / 60));
          expect(await outcome(store, full)).toBe("granted");
        },
      );

      it("of the calendar end with their period", async () => {
        const endsMs = subject.nowMs() + 86_400_000;
        const november = { kind: "calendar", period: "2026-11", endsMs } as const;
        const december = { kind: "calendar", period: "2026-12", endsMs: endsMs + 31 * 86_400_000 } as const;
        const { reservation } = await granted(store, [claim("a", 5, 5, { window: november })]);
        await store.settle(reservation, [5]);
        await subject.advance(86_000_000);
        expect(await take(store, [claim("a", 5, 1, { window: november })])).toMatchObject({
          outcome: "denied",
          retryAfterMs: 400_000,
          levels: [{ used: 5, reserved: 0, resetMs: 400_000 }],
        });
        expect(await outcome(store, claim("a", 5, 1, { window: december }))).toBe("granted");
      });

      it("of the calendar take the truth of an exchange that outlasted them", async () => {
        const window = { kind: "calendar", period: "2026-11", endsMs: subject.nowMs() + 30_000 } as const;
        const { reservation } = await granted(store, [claim("a", 5, 5, { window })]);
        await subject.advance(50_000);
        await store.settle(reservation, [3]);
        expect(await level("a", window)).toMatchObject({ used: 3, reserved: 0, resetMs: 1 });
      });

      it("that count what runs now are free as soon as it ends", async () => {
        const running = claim("a", 1, 1, { window: concurrent });
        const { reservation } = await granted(store, [running]);
        expect(await outcome(store, running)).toBe("denied");
        await store.settle(reservation, [1]);
        expect(await outcome(store, running)).toBe("granted");
      });

      it("tell when they are empty", async () => {
        const { levels, reservation } = await granted(store, [claim("a", 9, 1)]);
        await store.settle(reservation, [1]);
        await subject.advance((levels[0]?.resetMs ?? 0) - 1);
        expect(await level("a")).toMatchObject({ used: 1, resetMs: 1 });
        await subject.advance(1);
        expect(await level("a")).toEqual({ used: 0, reserved: 0, resetMs: 0 });
      });
    });

    describe("the time to wait", () => {
      it("is when enough has left, not when all has", async () => {
        for (const amount of [4, 3, 3]) {
          const { reservation } = await granted(store, [claim("a", 10, amount)]);
          await store.settle(reservation, [amount]);
          await subject.advance(5_000);
        }
        const taken = await take(store, [claim("a", 10, 6)]);
        if (taken.outcome !== "denied" || taken.retryAfterMs === undefined) throw new Error(taken.outcome);
        await subject.advance(taken.retryAfterMs - 1);
        expect(await outcome(store, claim("a", 10, 6))).toBe("denied");
        await subject.advance(1);
        expect(await outcome(store, claim("a", 10, 6))).toBe("granted");
      });

      it("counts on the window where leases outlast it", async () => {
        await granted(store, [claim("a", 10, 6)], { leaseMs: 600_000 });
        await subject.advance(10_000);
        await granted(store, [claim("a", 10, 4)], { leaseMs: 600_000 });
        const taken = await take(store, [claim("a", 10, 6)]);
        if (taken.outcome !== "denied" || taken.retryAfterMs === undefined) throw new Error(taken.outcome);
        expect(taken.retryAfterMs).toBeLessThanOrEqual(51_000);
        await subject.advance(taken.retryAfterMs - 1);
        expect(await outcome(store, claim("a", 10, 6))).toBe("denied");
        await subject.advance(1);
        expect(await outcome(store, claim("a", 10, 6))).toBe("granted");
      });

      it("counts on leases to run out", async () => {
        await granted(store, [claim("a", 10, 10)], { leaseMs: 8_000 });
        const taken = await take(store, [claim("a", 10, 10)]);
        if (taken.outcome !== "denied" || taken.retryAfterMs === undefined) throw new Error(taken.outcome);
        expect(taken.retryAfterMs).toBeLessThanOrEqual(9_000);
        await subject.advance(taken.retryAfterMs);
        expect(await outcome(store, claim("a", 10, 10))).toBe("granted");
      });
    });
  });
}
