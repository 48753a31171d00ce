import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { billOf, costOf } from "../../../src/tokens/cost.ts";
import type { Rates } from "../../../src/tokens/rates.ts";

function every(value: number): Rates {
  return {
    input: value,
    cacheRead: value,
    cacheWrite: value,
    cacheWriteHour: value,
    audioInput: value,
    audioCacheRead: value,
    output: value,
    reasoning: value,
    audioOutput: value,
  };
}

describe("costOf", () => {
  it.each([
    [1, 499_999, 0],
    [1, 500_000, 1],
    [3, 500_000, 2],
    [1, 1_499_999, 1],
    [1_000_000, 2_500_000_000, 2_500_000_000],
  ])("%d tokens at %d make %d nano-dollars, rounded half up once", (tokens, rate, nanoUsd) => {
    expect(costOf({ ...every(0), input: tokens }, every(rate))).toBe(nanoUsd);
  });

  it("rounds the sum, not its terms", () => {
    expect(costOf(every(1), every(100_000))).toBe(1); // nine tenths
  });

  it("stays exact beyond 2^53", () => {
    // 99,999,999 tokens at 600,000,000,001 nano-dollars per million.
    expect(costOf({ ...every(0), output: 99_999_999 }, every(600_000_000_001))).toBe(59_999_999_400_100);
  });

  it("never exceeds a safe integer", () => {
    expect(costOf(every(Number.MAX_SAFE_INTEGER), every(Number.MAX_SAFE_INTEGER))).toBe(
      Number.MAX_SAFE_INTEGER,
    );
  });

  it("equals arithmetic on integers of any size", () => {
    const kinds = (max: number) => {
      const value = fc.nat(max);
      return fc.record({
        input: value,
        cacheRead: value,
        cacheWrite: value,
        cacheWriteHour: value,
        audioInput: value,
        audioCacheRead: value,
        output: value,
        reasoning: value,
        audioOutput: value,
      });
    };
    fc.assert(
      fc.property(kinds(20_000_000), kinds(2_000_000_000), (portions, rates) => {
        let sum = 0n;
        for (const kind of Object.keys(rates) as (keyof Rates)[]) {
          sum += BigInt(portions[kind]) * BigInt(rates[kind]);
        }
        const exact = sum / 1_000_000n + (sum % 1_000_000n >= 500_000n ? 1n : 0n);
        expect(BigInt(costOf(portions, rates))).toBe(exact);
      }),
    );
  });
});

describe("billOf", () => {
  const one = { ...every(0), input: 1 };
  it.each([
    // rate of one token per million, discount, margin; owed, charged
    [10_000_000, 0, 0, 10, 10],
    [10_000_000, 150_000, 0, 9, 9], // 8.5 up
    [10_000_000, 0, 150_000, 10, 12], // 11.5 up
    [10_000_000, 150_000, 176_470, 9, 10], // 8.5 × 1.17647 = 9.999995: from the product, not from 9
    [1_400_000, 0, 100_000, 1, 2], // 1.54, where 1.1 × 1 would be 1
    [10_000_000, 1_000_000, 500_000, 0, 0],
    [10_000_000, 0, 100_000_000, 10, 1_010],
  ])("%d less %d ppm and plus %d ppm: %d owed, %d charged", (rate, discountPpm, marginPpm, owed, charged) => {
    const bill = billOf(one, { ...every(0), input: rate }, { discountPpm, marginPpm });
    expect(bill).toEqual({ nanoUsd: owed, chargedNanoUsd: charged, discountPpm, marginPpm });
  });

  it("is the cost itself without terms", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), (tokens, rate) => {
        const portions = { ...every(0), output: tokens };
        const nanoUsd = costOf(portions, every(rate));
        expect(billOf(portions, every(rate))).toMatchObject({ nanoUsd, chargedNanoUsd: nanoUsd });
      }),
    );
  });

  it("is at most half a nano-dollar from the true product, whatever the terms", () => {
    const share = fc.nat(1_000_000);
    fc.assert(
      fc.property(fc.nat(1e8), fc.nat(1e10), share, share, (tokens, rate, discountPpm, marginPpm) => {
        const bill = billOf(
          { ...every(0), output: tokens },
          { ...every(0), output: rate },
          { discountPpm, marginPpm },
        );
        const unit = 10n ** 18n;
        const exact =
          BigInt(tokens) * BigInt(rate) * BigInt(1_000_000 - discountPpm) * BigInt(1_000_000 + marginPpm);
        const twiceOff = 2n * (BigInt(bill.chargedNanoUsd) * unit - exact);
        // Half up: a half is never rounded down.
        expect(twiceOff > -unit && twiceOff <= unit).toBe(true);
      }),
    );
  });

  it("never exceeds a safe integer", () => {
    const huge = every(Number.MAX_SAFE_INTEGER);
    const bill = billOf(huge, huge, { discountPpm: 1, marginPpm: 1 });
    expect(bill.chargedNanoUsd).toBe(Number.MAX_SAFE_INTEGER);
  });
});
