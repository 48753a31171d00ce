/** What one model costs by other units than tokens, and what some of them come to. */
import type { Units } from "../conversation/usage.ts";
import { roundedHalfUp } from "./cost.ts";

/** Integer nano-dollars. Absent: not paid for by that unit. */
export interface UnitPrices {
  /** Per call that is answered. */
  readonly request?: number;
  readonly image?: number;
  /** Of audio listened to. */
  readonly audioHour?: number;
  readonly search?: number;
}

const msPerHour = 3_600_000n;

/**
 * Nano-dollars of each unit that is both counted and priced. Audio is rounded half up to a nano-dollar, once per call;
 * the others are whole. Each is 2^53 − 1 at most.
 */
export function unitCosts(units: Units, prices: UnitPrices, calls: number): number[] {
  const { images, audioMs, searches } = units;
  const costs: number[] = [];
  if (prices.request !== undefined && calls > 0) costs.push(product(calls, prices.request));
  if (prices.image !== undefined && images !== undefined) costs.push(product(images, prices.image));
  if (prices.search !== undefined && searches !== undefined) costs.push(product(searches, prices.search));
  if (prices.audioHour !== undefined && audioMs !== undefined) {
    costs.push(roundedHalfUp(whole(audioMs) * BigInt(prices.audioHour), msPerHour));
  }
  return costs;
}

/** What all of them come to before audio is rounded: parts of a nano-dollar, of which there are `unitParts`. */
export function exactUnitCost(units: Units, prices: UnitPrices, calls: number): bigint {
  const { images = 0, audioMs = 0, searches = 0 } = units;
  const pieces =
    whole(calls) * BigInt(prices.request ?? 0) +
    whole(images) * BigInt(prices.image ?? 0) +
    whole(searches) * BigInt(prices.search ?? 0);
  return pieces * msPerHour + whole(audioMs) * BigInt(prices.audioHour ?? 0);
}

export const unitParts = msPerHour;

function product(count: number, price: number): number {
  return roundedHalfUp(whole(count) * BigInt(price), 1n);
}

/** Counts come from providers. */
function whole(count: number): bigint {
  return Number.isFinite(count) && count > 0 ? BigInt(Math.floor(count)) : 0n;
}
