import { calcPrice } from "@pydantic/genai-prices";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noUsage, type Usage } from "../../../src/conversation/usage.ts";
import { cataloguePricing } from "../../../src/tokens/catalogue.ts";
import type { Cost, PriceQuery } from "../../../src/tokens/pricing.ts";

const noon = Date.UTC(2026, 5, 1, 12);
const pricing = cataloguePricing(() => noon);

function price(model: string, providerId: string | undefined, usage: Partial<Usage>): Cost {
  return pricing.cost({ model, providerId, terms: undefined }, { ...noUsage, ...usage });
}

function atList(nanoUsd: number, source: Cost["source"]): Cost {
  return { nanoUsd, chargedNanoUsd: nanoUsd, source, discountPpm: 0, marginPpm: 0 };
}

/** Dollars per million tokens as the vendors' price pages have them: input, cache read, output. */
const published: readonly (readonly [string, string, number, number, number])[] = [
  ["gpt-4o", "openai", 2.5, 1.25, 10],
  ["gpt-4o-2024-08-06", "openai", 2.5, 1.25, 10],
  ["gpt-4o-mini", "openai", 0.15, 0.075, 0.6],
  ["gpt-4.1", "openai", 2, 0.5, 8],
  ["gpt-4.1-mini", "openai", 0.4, 0.1, 1.6],
  ["gpt-5", "openai", 1.25, 0.125, 10],
  ["gpt-5-mini", "openai", 0.25, 0.025, 2],
  ["o3", "openai", 2, 0.5, 8],
  ["o4-mini", "openai", 1.1, 0.275, 4.4],
  ["claude-sonnet-4-5-20250929", "anthropic", 3, 0.3, 15],
  ["claude-haiku-4-5", "anthropic", 1, 0.1, 5],
  ["claude-opus-4-1-20250805", "anthropic", 15, 1.5, 75],
  ["claude-opus-4-5", "anthropic", 5, 0.5, 25],
  ["claude-opus-4-7", "anthropic", 5, 0.5, 25],
  ["claude-fable-5-1", "anthropic", 10, 0.25, 50],
  ["gemini-2.5-pro", "google", 1.25, 0.125, 10],
  ["gemini-2.5-flash", "google", 0.3, 0.03, 2.5],
];

describe("published prices", () => {
  it.each(published)("%s", (model, provider, input, cacheRead, output) => {
    const usage = { input: 100_000, cacheRead: 40_000, output: 20_000, reasoning: 15_000 };
    const nanoUsd = Math.round(60_000 * input * 1e3 + 40_000 * cacheRead * 1e3 + 20_000 * output * 1e3);
    expect(price(model, provider, usage)).toEqual(atList(nanoUsd, "catalogue"));
    expect(price(model, undefined, usage)).toEqual(atList(nanoUsd, "catalogue"));
  });
});

/** Worked by hand, in nano-dollars. */
const worked: readonly (readonly [string, string, string, Partial<Usage>, number])[] = [
  ["one token is not rounded away", "gpt-4o-mini", "openai", { input: 1 }, 150],
  ["cached tokens alone", "gemini-2.5-flash-lite", "google", { input: 5, cacheRead: 5 }, 50],
  [
    "Anthropic's cache: read 0.1×, five minutes 1.25×, an hour 2×",
    "claude-sonnet-4-5",
    "anthropic",
    { input: 1_000, cacheRead: 400, cacheWrite: 300, cacheWriteHour: 100, output: 10 },
    300 * 3_000 + 400 * 300 + 200 * 3_750 + 100 * 6_000 + 10 * 15_000,
  ],
  [
    "an hour of Claude's cache on Bedrock is twice the input price too",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "aws",
    { input: 100, cacheWrite: 100, cacheWriteHour: 100 },
    100 * 6_600,
  ],
  [
    "at the tier's edge the lower price",
    "gemini-2.5-pro",
    "google",
    { input: 200_000, output: 1 },
    250_010_000,
  ],
  [
    "beyond it the dearer price for every token",
    "gemini-2.5-pro",
    "google",
    { input: 200_001, cacheRead: 1, output: 1 },
    200_000 * 2_500 + 250 + 15_000,
  ],
  [
    "audio in and out",
    "gpt-audio",
    "openai",
    { input: 100, audioInput: 90, output: 50, audioOutput: 40 },
    10 * 2_500 + 90 * 32_000 + 10 * 10_000 + 40 * 64_000,
  ],
  [
    "cached audio",
    "gemini-2.5-flash",
    "google",
    { input: 100, audioInput: 100, cacheRead: 60 },
    40 * 1_000 + 60 * 100,
  ],
  [
    "audio where the catalogue has no price for it",
    "gpt-4o",
    "openai",
    { input: 10, audioInput: 10 },
    25_000,
  ],
  [
    "images in and out, each at its own price",
    "gpt-image-1.5",
    "openai",
    { input: 300, imageInput: 200, output: 1_100, imageOutput: 1_000 },
    100 * 5_000 + 200 * 8_000 + 100 * 10_000 + 1_000 * 32_000,
  ],
  [
    "images where only those that go in have a price of their own",
    "gpt-image-1",
    "openai",
    { input: 50, imageInput: 40, output: 4_160, imageOutput: 4_160 },
    10 * 5_000 + 40 * 10_000 + 4_160 * 40_000,
  ],
  [
    "an hour of audio is 0.36 dollars, 9.5 seconds 0.00095",
    "whisper-1",
    "openai",
    { units: { audioMs: 9_500 } },
    950_000,
  ],
  [
    "audio by the hour beside tokens that have no price",
    "voxtral-mini-latest",
    "mistral",
    { input: 400, output: 30, units: { audioMs: 60_000 } },
    3_000_000,
  ],
  [
    "transcriptions by tokens: what is heard at one price, what is read at another",
    "gpt-4o-transcribe",
    "openai",
    { input: 30, audioInput: 20, output: 10 },
    10 * 2_500 + 20 * 6_000 + 10 * 10_000,
  ],
  [
    "reasoning where it has its own price",
    "sonar-deep-research",
    "perplexity",
    { output: 30, reasoning: 10 },
    20 * 8_000 + 10 * 3_000,
  ],
];

describe("worked examples", () => {
  it.each(worked)("%s", (_title, model, provider, usage, nanoUsd) => {
    expect(price(model, provider, usage)).toEqual(atList(nanoUsd, "catalogue"));
  });
});

describe("cataloguePricing", () => {
  it("agrees with the package's own floats to within their error", () => {
    const models = fc.constantFrom(...published);
    const counts = fc.tuple(fc.nat(300_000), fc.nat(100_000), fc.nat(50_000));
    fc.assert(
      fc.property(models, counts, ([model, provider], [input, output, cached]) => {
        const cacheRead = Math.min(cached, input);
        const theirs = calcPrice(
          { input_tokens: input, output_tokens: output, cache_read_tokens: cacheRead },
          model,
          { providerId: provider, timestamp: new Date(noon) },
        );
        const ours = price(model, provider, { input, output, cacheRead }).nanoUsd;
        expect(Math.abs(ours - (theirs?.total_price ?? Number.NaN) * 1e9)).toBeLessThan(1);
      }),
    );
  });

  it.each([
    ["no-such-model", undefined],
    ["claude-sonnet-4-5", "openai"],
    ["", undefined],
    ["gpt-4o".padEnd(257, "x"), undefined],
    ["gpt-4o", "no-such-provider"],
    ["constructor", undefined],
    ["whisper-1", "openai"],
  ])("does not know %s of %s", (model, provider) => {
    expect(price(model, provider, { input: 1_000 })).toEqual(atList(0, "unknown"));
  });

  it("lets the policy's price win, also for models it knows nothing of", () => {
    const rates = { input: 1_000_000, output: 2_000_000, cacheRead: 100_000, cacheWrite: undefined };
    const terms = { rates, discountPpm: 0, marginPpm: 0 };
    const usage = {
      ...noUsage,
      input: 10,
      cacheRead: 4,
      cacheWrite: 3,
      cacheWriteHour: 1,
      output: 5,
      reasoning: 5,
    };
    for (const model of ["gpt-4o", "own-model"]) {
      const query: PriceQuery = { model, providerId: undefined, terms };
      // 6 fresh or written at 1, 4 read at 0.1, 5 out at 2 → 16.4
      expect(pricing.cost(query, usage)).toEqual(atList(16, "policy"));
    }
  });

  it.each<[string, string, Partial<Usage>]>([
    ["an answer without a count", "gpt-4o", {}],
    ["images by the piece", "gpt-image-1", { units: { images: 1 } }],
    ["speech without usage", "gpt-4o-mini-tts", {}],
    ["a transcript without its length", "whisper-1", {}],
  ])("does not know what %s comes to", (_, model, usage) => {
    const query: PriceQuery = { model, providerId: "openai", terms: undefined, answered: true };
    expect(pricing.cost(query, { ...noUsage, ...usage })).toEqual(atList(0, "unknown"));
  });

  it("takes the policy's discount and margin from its own rates and from the catalogue's alike", () => {
    const terms = { rates: undefined, discountPpm: 200_000, marginPpm: 100_000 };
    const usage = { ...noUsage, input: 1_000_000 };
    const listed = pricing.cost({ model: "gpt-4o", providerId: "openai", terms }, usage);
    // 2.50 dollars: 2.00 for the provider, 2.20 for the caller.
    expect(listed).toMatchObject({ nanoUsd: 2e9, chargedNanoUsd: 22e8, source: "catalogue" });
    const rates = { input: 1e9, output: 0, cacheRead: undefined, cacheWrite: undefined };
    const own = pricing.cost({ model: "gpt-4o", providerId: "openai", terms: { ...terms, rates } }, usage);
    expect(own).toEqual({
      ...{ nanoUsd: 8e8, chargedNanoUsd: 88e7, source: "policy" },
      ...{ discountPpm: 200_000, marginPpm: 100_000 },
    });
    expect(pricing.cost({ model: "own-model", providerId: undefined, terms }, usage)).toEqual(
      atList(0, "unknown"),
    );
  });

  it("prices at the time of asking", () => {
    let now = Date.UTC(2025, 5, 9, 23, 59, 59);
    const dated = cataloguePricing(() => now);
    const query: PriceQuery = { model: "o3", providerId: "openai", terms: undefined };
    const usage = { ...noUsage, input: 1 };
    expect(dated.cost(query, usage).nanoUsd).toBe(10_000);
    now = Date.UTC(2025, 5, 10, 0, 1);
    expect(dated.cost(query, usage).nanoUsd).toBe(2_000);
  });

  it("stays right when clients ask for more names than it remembers", () => {
    for (let index = 0; index < 2_500; index++) price(`invented-${index}`, undefined, { input: 1 });
    expect(price("gpt-4o", "openai", { input: 2 }).nanoUsd).toBe(5_000);
  });
});
