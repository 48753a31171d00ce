/** Long exchanges keep what they reserved. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LeaseKeeper } from "../../../src/stores/lease-keeper.ts";
import { ScriptedStore } from "./scripted-store.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const reservation = (lease: string) => ({ lease, tenant: "t", claims: [], takenMs: 0 });

it("renews each three times per lease, until it is released", async () => {
  const store = new ScriptedStore();
  const keeper = new LeaseKeeper(store, () => Date.now());
  keeper.keep(reservation("long"), 30_000);
  keeper.keep(reservation("short"), 6_000);
  await vi.advanceTimersByTimeAsync(9_900);
  expect(store.renewed).toEqual(["short", "short", "short", "short"]);
  keeper.release("short");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(store.renewed.filter((lease) => lease === "long")).toHaveLength(2);
  expect(store.renewed).toHaveLength(6);
  keeper.release("long");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(vi.getTimerCount()).toBe(0);
});

it("goes on with the others when one cannot be renewed", async () => {
  const store = new ScriptedStore();
  store.troubles = ["unanswered"];
  const keeper = new LeaseKeeper(store, () => Date.now());
  for (const lease of ["a", "b", "c"]) keeper.keep(reservation(lease), 30_000);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(store.renewed).toEqual(["b", "c"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(store.renewed).toEqual(["b", "c", "a", "b", "c"]);
  keeper.close();
});
