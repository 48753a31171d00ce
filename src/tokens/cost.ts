/** Tokens times rates, in integers. */
import type { PriceTerms } from "../policy/policy.ts";
import type { Portions } from "./portions.ts";
import type { Cost } from "./pricing.ts";
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

/** What the provider is owed and what the caller is charged, each rounded half up once, from the exact product. */
export function billOf(
  portions: Portions,
  rates: Rates,
  terms: Pick<PriceTerms, "discountPpm" | "marginPpm"> = atListPrice,
): Omit<Cost, "source"> {
  const { discountPpm, marginPpm } = terms;
  if (discountPpm === 0 && marginPpm === 0) {
    const nanoUsd = costOf(portions, rates);
    return { nanoUsd, chargedNanoUsd: nanoUsd, discountPpm, marginPpm };
  }
  const million = BigInt(PER_RATE);
  const sum = sumOf(portions, rates);
  const listed = Number.isSafeInteger(sum) ? BigInt(sum) : wideSumOf(portions, rates);
  const owed = listed * (million - BigInt(discountPpm));
  const nanoUsd = roundedHalfUp(owed, million ** 2n);
  const chargedNanoUsd = roundedHalfUp(owed * (million + BigInt(marginPpm)), million ** 3n);
  return { nanoUsd, chargedNanoUsd, discountPpm, marginPpm };
}

const atListPrice = { discountPpm: 0, marginPpm: 0 };

function sumOf(portions: Portions, rates: Rates): number {
  return (
    portions.input * rates.input +
    portions.cacheRead * rates.cacheRead +
    portions.cacheWrite * rates.cacheWrite +
    portions.cacheWriteHour * rates.cacheWriteHour +
    portions.audioInput * rates.audioInput +
    portions.audioCacheRead * rates.audioCacheRead +
    portions.output * rates.output +
    portions.reasoning * rates.reasoning +
    portions.audioOutput * rates.audioOutput
  );
}

function wideSumOf(portions: Portions, rates: Rates): bigint {
  let sum = 0n;
  for (const kind of Object.keys(rates) as (keyof Rates)[])
    sum += BigInt(portions[kind]) * BigInt(rates[kind]);
  return sum;
}

function roundedHalfUp(sum: bigint, unit: bigint): number {
  const nanoUsd = (sum + unit / 2n) / unit;
  return nanoUsd > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nanoUsd);
}
