/** Tokens times rates, in integers. */
import type { Portions } from "./portions.ts";
import type { Rates } from "./rates.ts";

const PER_RATE = 1_000_000;

/**
 * Nano-dollars for the tokens at the rates: Σ tokens × rate, divided by a million, rounded half up once.
 *
 * Sums below 2^53 are exact as numbers. If any product or partial sum passes it, the rounded total passes it
 * too (rounding is monotone and all terms are ≥ 0), and the sum is done again in BigInt. A total beyond 2^53
 * nano-dollars (nine million dollars) for one call is reported as 2^53 − 1.
 */
export function costOf(portions: Portions, rates: Rates): number {
  const sum = sumOf(portions, rates);
  if (!Number.isSafeInteger(sum)) return roundedHalfUp(wideSumOf(portions, rates), BigInt(PER_RATE));
  const rest = sum % PER_RATE;
  return (sum - rest) / PER_RATE + (rest * 2 >= PER_RATE ? 1 : 0);
}

/** The same before it is rounded: millionths of a nano-dollar. */
export function exactCostOf(portions: Portions, rates: Rates): bigint {
  const sum = sumOf(portions, rates);
  return Number.isSafeInteger(sum) ? BigInt(sum) : wideSumOf(portions, rates);
}

/** Whole units, half up; 2^53 − 1 at most. */
export function roundedHalfUp(sum: bigint, unit: bigint): number {
  const rounded = (sum + unit / 2n) / unit;
  return rounded > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(rounded);
}

function sumOf(portions: Portions, rates: Rates): number {
  return (
    portions.input * rates.input +
    portions.cacheRead * rates.cacheRead +
    portions.cacheWrite * rates.cacheWrite +
    portions.cacheWriteHour * rates.cacheWriteHour +
    portions.audioInput * rates.audioInput +
    portions.audioCacheRead * rates.audioCacheRead +
    portions.imageInput * rates.imageInput +
    portions.imageCacheRead * rates.imageCacheRead +
    portions.output * rates.output +
    portions.reasoning * rates.reasoning +
    portions.audioOutput * rates.audioOutput +
    portions.imageOutput * rates.imageOutput
  );
}

function wideSumOf(portions: Portions, rates: Rates): bigint {
  let sum = 0n;
  for (const kind of Object.keys(rates) as (keyof Rates)[])
    sum += BigInt(portions[kind]) * BigInt(rates[kind]);
  return sum;
}
