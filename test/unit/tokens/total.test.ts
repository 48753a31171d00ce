/** What the policy's prices make of a usage, by tokens and by the piece. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noUsage, type Units, type Usage } from "../../../src/conversation/usage.ts";
import type { PriceOverride } from "../../../src/policy/policy.ts";
import { overridePrices } from "../../../src/tokens/override.ts";
import { billOf, totalOf } from "../../../src/tokens/total.ts";
import { unitCosts } from "../../../src/tokens/unit-prices.ts";

const nothing: PriceOverride = {
  input: undefined,
  output: undefined,
  cacheRead: undefined,
  cacheWrite: undefined,
};
/** A nano-dollar a token. */
const tokens = { input: 1_000_000, output: 1_000_000 };
const used: Partial<Usage> = { input: 100, output: 20 };
const unknown = undefined;

const cases: ReadonlyArray<
  readonly [
    string,
    prices: Partial<PriceOverride>,
    usage: Partial<Usage>,
    answered: boolean,
    total: number | undefined,
  ]
> = [
  ["tokens", tokens, used, true, 120],
  ["tokens that were estimated before an answer came", tokens, used, false, 120],
  ["tokens, which are not paid for", { request: 5 }, used, true, 5],
  ["tokens and the call itself", { ...tokens, request: 5 }, used, true, 125],
  ["the call, answered without any count", { request: 5 }, {}, true, 5],
  ["a call that costs nothing", { request: 0 }, {}, true, 0],
  ["a call that was not answered", { ...tokens, request: 5 }, {}, false, 0],
  ["images", { image: 40_000_000 }, { units: { images: 3 } }, true, 120_000_000],
  ["images that were counted in tokens too", { image: 7 }, { ...used, units: { images: 2 } }, true, 14],
  ["images and tokens", { ...tokens, image: 7 }, { ...used, units: { images: 2 } }, true, 134],
  ["no image made", { image: 7 }, { units: { images: 0 } }, true, 0],
  ["searches", { search: 2_000_000 }, { units: { searches: 2 } }, true, 4_000_000],
  ["an hour and a half", { audioHour: 360_000_000 }, { units: { audioMs: 5_400_000 } }, true, 540_000_000],
  ["audio that is rounded up at half", { audioHour: 1_800_000 }, { units: { audioMs: 1 } }, true, 1],
  ["audio that is rounded down below", { audioHour: 1_799_999 }, { units: { audioMs: 1 } }, true, 0],
  ["an answer without any count", tokens, {}, true, unknown],
  ["images whose number is not known", { image: 7 }, {}, true, unknown],
  ["audio whose length is not known", { audioHour: 7 }, {}, true, unknown],
  ["images where only audio has a price", { audioHour: 7 }, { units: { images: 1 } }, true, unknown],
  ["tokens where only images have one", { image: 7 }, used, true, unknown],
];

describe("totalOf", () => {
  it.each(cases)("%s", (_, prices, usage, answered, total) => {
    expect(totalOf(overridePrices({ ...nothing, ...prices }), { ...noUsage, ...usage }, answered)).toBe(
      total,
    );
  });

  it("is a safe integer whatever is counted", () => {
    const prices = overridePrices({ ...nothing, ...tokens, image: 10_000_000_000_000, audioHour: 6e14 });
    const units = { images: Number.MAX_SAFE_INTEGER, audioMs: Number.MAX_SAFE_INTEGER };
    expect(totalOf(prices, { ...noUsage, ...used, units }, true)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("unitCosts", () => {
  it.each<[Units, number[]]>([
    [{ images: -1 }, [0]],
    [{ images: Number.NaN }, [0]],
    [{ images: 2.9 }, [2]],
    [{ images: Number.POSITIVE_INFINITY }, [0]],
    [{}, []],
  ])("takes %j for what it is", (units, costs) => {
    expect(unitCosts(units, { image: 1 }, 1)).toEqual(costs);
  });
});

describe("billOf", () => {
  it.each([
    // price of one token per million; what is owed and charged
    [10_000_000, 0, 0, 10, 10],
    [10_000_000, 150_000, 0, 9, 9], // 8.5 up
    [10_000_000, 0, 150_000, 10, 12], // 11.5 up
    [10_000_000, 150_000, 176_470, 9, 10], // 8.5 × 1.17647 = 9.999995: from the product, not from 9
    [1_400_000, 0, 100_000, 1, 2], // 1.54, where 1.1 × 1 would be 1
    [10_000_000, 1_000_000, 500_000, 0, 0],
    [10_000_000, 0, 100_000_000, 10, 1_010],
  ])(
    "%d less %d ppm and plus %d ppm: %d owed, %d charged",
    (input, discountPpm, marginPpm, owed, charged) => {
      const prices = overridePrices({ ...nothing, input, output: 0 });
      const bill = billOf(prices, { ...noUsage, input: 1 }, true, { discountPpm, marginPpm });
      expect(bill).toEqual({ nanoUsd: owed, chargedNanoUsd: charged, discountPpm, marginPpm });
    },
  );

  it("takes tokens, pieces and audio together", () => {
    // 0.5 of a token, 0.5 of audio, 10 for the call and 7 for an image: 18, less 10 %, plus 5 %.
    const rates = { ...nothing, input: 500_000, output: 0, audioHour: 1_800_000, request: 10, image: 7 };
    const usage = { ...noUsage, input: 1, units: { audioMs: 1, images: 1 } };
    const terms = { discountPpm: 100_000, marginPpm: 50_000 };
    expect(billOf(overridePrices(rates), usage, true, terms)).toMatchObject({
      ...{ nanoUsd: 16, chargedNanoUsd: 17 }, // 16.2 and 17.01
    });
  });

  const bills = fc.record({
    tokens: fc.nat(1e8),
    rate: fc.nat(1e10),
    audioMs: fc.nat(1e9),
    audioHour: fc.nat(1e10),
    image: fc.nat(1e9),
    discountPpm: fc.nat(1_000_000),
    marginPpm: fc.nat(1_000_000),
  });

  it("is at most half a nano-dollar from the true product, whatever the terms", () => {
    fc.assert(
      fc.property(bills, ({ tokens: output, rate, audioMs, audioHour, image, ...terms }) => {
        fc.pre(terms.discountPpm + terms.marginPpm > 0);
        const prices = overridePrices({ ...nothing, input: 0, output: rate, audioHour, image });
        const usage = { ...noUsage, output, units: { audioMs, images: 3 } };
        const bill = billOf(prices, usage, true, terms);
        const [b, million, hour] = [BigInt, 1_000_000n, 3_600_000n];
        const listed =
          b(output) * b(rate) * hour + b(audioMs) * b(audioHour) * million + 3n * b(image) * million * hour;
        const exact = listed * (million - b(terms.discountPpm)) * (million + b(terms.marginPpm));
        const unit = million ** 3n * hour;
        const twiceOff = 2n * (b(bill?.chargedNanoUsd ?? 0) * unit - exact);
        // Half up: a half is never rounded down.
        expect(twiceOff > -unit && twiceOff <= unit).toBe(true);
      }),
    );
  });

  it("is the total itself without terms, and nothing where that is not known", () => {
    fc.assert(
      fc.property(bills, ({ tokens: input, rate, audioMs, audioHour, image }) => {
        const prices = overridePrices({ ...nothing, input: rate, output: 0, audioHour, image });
        const usage = { ...noUsage, input, units: { audioMs } };
        const total = totalOf(prices, usage, true);
        expect(billOf(prices, usage, true)).toMatchObject({ nanoUsd: total, chargedNanoUsd: total });
      }),
    );
    const terms = { discountPpm: 1, marginPpm: 1 };
    expect(billOf(overridePrices({ ...nothing, image: 7 }), { ...noUsage }, true, terms)).toBeUndefined();
  });

  it("never exceeds a safe integer", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const prices = overridePrices({ ...nothing, input: most, output: most });
    const bill = billOf(prices, { ...noUsage, input: most }, true, { discountPpm: 1, marginPpm: 1 });
    expect(bill).toMatchObject({ nanoUsd: most, chargedNanoUsd: most });
  });
});
