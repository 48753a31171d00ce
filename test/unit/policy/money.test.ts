import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationMs } from "../../../src/policy/duration.ts";
import { nanoUsdPerMillion, PriceError, partsPerMillion } from "../../../src/policy/money.ts";

describe("prices", () => {
  it.each<[string | number, number]>([
    ["0.25", 250_000_000],
    [0.25, 250_000_000],
    ["3", 3_000_000_000],
    [15, 15_000_000_000],
    ["0", 0],
    ["0.1", 100_000_000],
    ["0.10000000000000001", 100_000_000],
    ["0.000000001", 1],
    [1e-9, 1],
    ["1e-07", 100],
    ["1.5E2", 150_000_000_000],
    [" 2.50 ", 2_500_000_000],
    ["1000000", 1_000_000_000_000_000],
    ["0.0750000000000", 75_000_000],
  ])("%j USD is %d nano-dollars", (price, nano) => expect(nanoUsdPerMillion(price)).toBe(nano));

  it.each([
    "",
    "-1",
    "1,5",
    "$1",
    "NaN",
    "Infinity",
    "0x10",
    "1e999",
    "1000000.1",
    "0.0000000001",
    "1".repeat(50),
  ])("%j is refused", (price) => expect(() => nanoUsdPerMillion(price)).toThrow(PriceError));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -0.5, 1e30])("%d is refused", (price) => {
    expect(() => nanoUsdPerMillion(price)).toThrow(PriceError);
  });

  it("loses nothing, whatever the digits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.integer({ min: 0, max: 999_999_999 }),
        (usd, nano) => {
          const text = `${usd}.${String(nano).padStart(9, "0")}`;
          expect(nanoUsdPerMillion(text)).toBe(usd * 1_000_000_000 + nano);
        },
      ),
    );
  });
});

describe("durations", () => {
  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["30d", 2_592_000_000],
    ["1.5s", 1500],
    ["0.001s", 1],
    ["0s", 0],
  ])("%s is %d ms", (text, ms) => expect(durationMs(text)).toBe(ms));

  it.each(["", "5", "5 s", "s", "-1s", "1w", "1.s", ".5s", "0.5ms", "1e3s", "constructor"])(
    "%j is none",
    (text) => {
      expect(durationMs(text)).toBeUndefined();
    },
  );
});

describe("shares", () => {
  it.each<[string | number, number | undefined]>([
    [0, 0],
    ["0.15", 150_000],
    [0.15, 150_000],
    ["0.14999999999999999", 150_000],
    [1e-6, 1],
    ["0.0000005", undefined],
    [1, 1_000_000],
    ["1e300", undefined],
    ["-0.1", undefined],
    ["10%", undefined],
    ["", undefined],
  ])("%j is %s parts per million", (share, parts) => expect(partsPerMillion(share)).toBe(parts));
});
