/** Random histories of takes, settlements, renewals and time, and what an exact book-keeper says of them. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Claim, Granted, Taken, Window } from "../../../src/stores/counter-store.ts";
import { newLease, take } from "./claims.ts";
import type { Subject } from "./contract.ts";

const windowMs = 1_000;
const sliceMs = Math.ceil(windowMs / 60);
const limit = 20;

export type Step =
  | { readonly kind: "take"; readonly amounts: readonly number[]; readonly leaseMs: number }
  | { readonly kind: "settle"; readonly which: number; readonly share: number }
  | { readonly kind: "renew"; readonly which: number; readonly leaseMs: number }
  | { readonly kind: "advance"; readonly ms: number };

const leaseMs = fc.constantFrom(90, 400, 3_000);
const which = fc.nat(1_000);

export const history: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("take" as const),
        amounts: fc.tuple(
          fc.integer({ min: -6, max: 9 }),
          fc.integer({ min: -9, max: 4 }),
          fc.integer({ min: -6, max: 9 }),
        ),
        leaseMs,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("settle" as const),
        which,
        share: fc.double({ min: 0, max: 1.4, noNaN: true }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("renew" as const), which, leaseMs }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("advance" as const),
        ms: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1_500 })),
      }),
    },
  ),
  { maxLength: 60 },
);

export function windows(startMs: number): readonly Window[] {
  return [
    { kind: "sliding", ms: windowMs },
    { kind: "calendar", period: "2026-11", endsMs: startMs + 30_000 },
    { kind: "concurrent" },
  ];
}

/** Negative amounts stand for counters that the exchange has nothing to do with. */
export function claimsOf(amounts: readonly number[], startMs: number): Claim[] {
  return windows(startMs).flatMap((window, index) => {
    const amount = amounts[index] ?? -1;
    const enforce = index !== 1 || amount % 2 === 0;
    return amount < 0 ? [] : [{ key: "k", window, limit, amount, enforce, onStoreFailure: "allow" as const }];
  });
}

interface Entry {
  readonly taken: Granted;
  readonly takenMs: number;
  /** Held at least and at most until then. */
  heldMs: readonly [number, number];
  settled: readonly number[] | undefined;
}

/** Runs a history against a store and holds every answer to what the exact books allow. */
export async function keepBooks(subject: Subject, steps: readonly Step[]): Promise<void> {
  const startMs = subject.nowMs();
  const books: Entry[] = [];

  /** What counts for a window, with each doubt resolved downwards (0) or upwards (1). */
  function counted(kind: Window["kind"], doubt: 0 | 1): number {
    const nowMs = subject.nowMs();
    let sum = 0;
    for (const { taken, takenMs, heldMs, settled } of books) {
      if (kind === "sliding" && takenMs <= nowMs - windowMs - doubt * 2 * sliceMs) continue;
      taken.reservation.claims.forEach((claim, index) => {
        if (claim.window.kind !== kind) return;
        if (settled !== undefined) sum += kind === "concurrent" ? 0 : (settled[index] ?? 0);
        else if (nowMs < heldMs[doubt]) sum += claim.amount;
      });
    }
    return sum;
  }

  function judge(claims: readonly Claim[], taken: Taken): void {
    const over = (claim: Claim, doubt: 0 | 1) =>
      counted(claim.window.kind, doubt) + claim.amount > claim.limit;
    if (taken.outcome === "granted") {
      for (const claim of claims) if (claim.enforce) expect(over(claim, 0)).toBe(false);
      for (const index of taken.wouldDeny) expect(claims[index] && over(claims[index], 1)).toBe(true);
    } else if (taken.outcome === "denied") {
      const claim = claims[taken.denied];
      expect(claim && over(claim, 1)).toBe(true);
    } else throw new Error(taken.outcome);
  }

  async function tryTake(claims: readonly Claim[], leaseMs: number): Promise<Taken> {
    const taken = await take(subject.store, claims, { lease: newLease(), leaseMs });
    judge(claims, taken);
    if (taken.outcome === "granted") {
      const takenMs = subject.nowMs();
      books.push({ taken, takenMs, heldMs: held(takenMs, leaseMs), settled: undefined });
    }
    return taken;
  }

  for (const step of steps) {
    const entry = "which" in step ? books[step.which % Math.max(1, books.length)] : undefined;
    switch (step.kind) {
      case "advance":
        await subject.advance(step.ms);
        break;
      case "take": {
        const claims = claimsOf(step.amounts, startMs);
        const taken = await tryTake(claims, step.leaseMs);
        if (taken.outcome !== "denied") break;
        // Nothing else happens, and the time to wait is exact to the millisecond.
        const waitMs = taken.retryAfterMs;
        if (waitMs === undefined || subject.nowMs() + waitMs >= startMs + 30_000) break;
        await subject.advance(waitMs - 1);
        expect((await tryTake(claims, step.leaseMs)).outcome).toBe("denied");
        await subject.advance(1);
        expect((await tryTake(claims, step.leaseMs)).outcome).toBe("granted");
        break;
      }
      case "settle": {
        if (entry === undefined) break;
        const actual = entry.taken.reservation.claims.map(({ amount }) => Math.round(amount * step.share));
        await subject.store.settle(entry.taken.reservation, actual);
        entry.settled ??= actual;
        break;
      }
      case "renew": {
        if (entry === undefined) break;
        await subject.store.renew(entry.taken.reservation, step.leaseMs);
        const [least, most] = held(subject.nowMs(), step.leaseMs);
        entry.heldMs = [Math.max(least, entry.heldMs[0]), Math.max(most, entry.heldMs[1])];
        break;
      }
    }
  }
}

function held(nowMs: number, leaseMs: number): readonly [number, number] {
  return [nowMs + leaseMs, nowMs + leaseMs + Math.ceil(leaseMs / 8)];
}
