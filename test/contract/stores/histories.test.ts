/** Histories that nobody thought of: within the limits, and the same in memory and in Redis. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Granted } from "../../../src/stores/counter-store.ts";
import { MemoryCounters } from "../../../src/stores/memory/memory-counters.ts";
import { newLease, take } from "./claims.ts";
import type { Subject } from "./contract.ts";
import { claimsOf, history, keepBooks, type Step, windows } from "./histories.ts";
import { redisBinary } from "./redis-binary.ts";
import { startRedis } from "./redis-server.ts";
import { redisSubject } from "./redis-subject.ts";

const binary = await redisBinary();
const server = binary === undefined ? undefined : await startRedis({ binary });
afterAll(() => server?.stop());

function memorySubject(): Subject {
  let nowMs = 1_764_000_000_123;
  const clock = () => nowMs;
  return {
    store: new MemoryCounters({ monotonicMs: clock, wallMs: clock }),
    nowMs: clock,
    async advance(ms) {
      nowMs += ms;
    },
  };
}

function inRedis(): Promise<Subject> {
  if (server === undefined) throw new Error("skipped");
  return redisSubject(server.client);
}

describe("no window ever holds more than its limit, none refuses without need, and waits are exact", () => {
  it("in memory", async () => {
    const property = fc.asyncProperty(history, (steps) => keepBooks(memorySubject(), steps));
    await fc.assert(property, { numRuns: 500 });
  }, 60_000);

  it.skipIf(server === undefined)(
    "in Redis",
    async () => {
      const property = fc.asyncProperty(history, async (steps) => keepBooks(await inRedis(), steps));
      await fc.assert(property, { numRuns: 150 });
    },
    60_000,
  );
});

describe.skipIf(server === undefined)("memory and Redis answer the same", () => {
  it("to the same history", async () => {
    const property = fc.asyncProperty(history, async (steps) => {
      const [here, there] = [await answers(memorySubject(), steps), await answers(await inRedis(), steps)];
      expect(here).toEqual(there);
    });
    await fc.assert(property, { numRuns: 150 });
  }, 60_000);
});

/** Everything that a store says in the course of a history. */
async function answers(subject: Subject, steps: readonly Step[]): Promise<unknown[]> {
  const said: unknown[] = [];
  const reservations: Granted["reservation"][] = [];
  const startMs = subject.nowMs();
  for (const step of steps) {
    const reservation =
      "which" in step ? reservations[step.which % Math.max(1, reservations.length)] : undefined;
    if (step.kind === "advance") await subject.advance(step.ms);
    if (step.kind === "take") {
      const { leaseMs } = step;
      const taken = await take(subject.store, claimsOf(step.amounts, startMs), {
        lease: newLease(),
        leaseMs,
      });
      if (taken.outcome === "granted") reservations.push(taken.reservation);
      said.push(taken.outcome === "granted" ? { ...taken, reservation: undefined } : taken);
    }
    if (step.kind === "settle" && reservation !== undefined) {
      await subject.store.settle(
        reservation,
        reservation.claims.map(({ amount }) => Math.round(amount * step.share)),
      );
    }
    if (step.kind === "renew" && reservation !== undefined)
      await subject.store.renew(reservation, step.leaseMs);
    const counters = windows(startMs).map((window) => ({ key: "k", window }));
    said.push(await subject.store.levels("acme", counters));
  }
  return said;
}
