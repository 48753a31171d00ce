/** What the policy's prices make of a usage, by tokens and by the piece. */
import { describe, expect, it } from "vitest";
import { noUsage, type Units, type Usage } from "../../../src/conversation/usage.ts";
import type { PriceOverride } from "../../../src/policy/policy.ts";
import { overridePrices } from "../../../src/tokens/override.ts";
import { totalOf } from "../../../src/tokens/total.ts";
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
