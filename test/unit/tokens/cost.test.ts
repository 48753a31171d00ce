import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf } from "../../../src/tokens/cost.ts";
import type { Rates } from "../../../src/tokens/rates.ts";

function every(value: number): Rates {
  return {
    input: value,
    cacheRead: value,
    cacheWrite: value,
    cacheWriteHour: value,
    audioInput: value,
    audioCacheRead: value,
    imageInput: value,
    imageCacheRead: value,
    output: value,
    reasoning: value,
    audioOutput: value,
    imageOutput: value,
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
    expect(costOf(every(1), every(50_000))).toBe(1); // twelve twentieths
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
        imageInput: value,
        imageCacheRead: value,
        output: value,
        reasoning: value,
        audioOutput: value,
        imageOutput: value,
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
