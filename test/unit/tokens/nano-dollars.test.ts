import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nanoDollars } from "../../../src/tokens/nano-dollars.ts";

describe("nanoDollars", () => {
  it.each([
    [0, 0],
    [1, 1_000_000_000],
    [0.1, 100_000_000],
    [0.3, 300_000_000],
    [3.75, 3_750_000_000],
    [0.035, 35_000_000],
    [0.08333333333333334, 83_333_333],
    [0.000_000_001, 1],
    [0.000_000_000_5, 1],
    [0.000_000_000_49, 0],
    [1e-7, 100],
    [1.000_000_000_5, 1_000_000_001],
    [600, 600_000_000_000],
  ])("%d dollars are %d nano-dollars", (usd, nano) => {
    expect(nanoDollars(usd)).toBe(nano);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e16])("has no answer for %d", (usd) => {
    expect(nanoDollars(usd)).toBeUndefined();
  });

  it("is exact for every amount with at most nine decimals that a number can tell apart", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (nano) => {
        const text = `${Math.floor(nano / 1e9)}.${String(nano % 1e9).padStart(9, "0")}`;
        expect(nanoDollars(Number(text))).toBe(nano);
      }),
    );
  });
});
