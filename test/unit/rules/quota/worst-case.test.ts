import { describe, expect, it } from "vitest";
import type { OperationName } from "../../../../src/conversation/operation-names.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { worstCase } from "../../../../src/rules/quota/worst-case.ts";
import { cataloguePricing } from "../../../../src/tokens/catalogue.ts";
import { LearnedOutput } from "../../../../src/tokens/learned-output.ts";
import type { Pricing } from "../../../../src/tokens/pricing.ts";
import { callOf, policyOf, pricing } from "./scene.ts";

interface Asked {
  readonly inputTokens?: number;
  readonly maxOutputTokens?: number | undefined;
  readonly answers?: number;
  readonly operation?: OperationName;
}

const learnedOutput = new LearnedOutput();
for (let tokens = 1; tokens <= 100; tokens++) learnedOutput.observe("talkative", tokens * 1_000);

function worst(model: string, asked: Asked, written: JsonObject = {}, prices: Pricing = pricing) {
  const policy = policyOf(written);
  const modelRoute = policy.model(model);
  if (modelRoute === undefined) throw new Error(`${model} is not served`);
  const { inputTokens = 0, maxOutputTokens, answers, operation = "generate" } = asked;
  return worstCase(
    { pricing: prices, learnedOutput },
    { ...callOf(policy), operation },
    {
      inputTokens,
      outline: { model, stream: false, includeUsage: false, maxOutputTokens, answers },
      plan: { model, modelRoute, chain: modelRoute.targets },
    },
  );
}

describe("tokens", () => {
  const served = (target: JsonObject) => ({ models: { m: { targets: [{ cluster: "one", ...target }] } } });
  const tokens = (asked: Asked, written = served({})) => worst("m", asked, written).tokens;

  it("are the request's and as many as the client allows", () => {
    expect(tokens({ inputTokens: 1_000, maxOutputTokens: 500 })).toBe(1_500);
    expect(tokens({ inputTokens: 1_000, maxOutputTokens: 0 })).toBe(1_000);
  });

  it("are as many for each answer that is asked for", () => {
    expect(tokens({ inputTokens: 1_000, maxOutputTokens: 500, answers: 3 })).toBe(2_500);
  });

  it.each([0, -5, 0.5])("are one answer's where %d are asked for", (answers) => {
    expect(tokens({ maxOutputTokens: 500, answers })).toBe(500);
  });

  it("are what 95 of 100 answers had, without a client's limit, where that is known", () => {
    const found = tokens({}, served({ model: "talkative" }));
    expect(found).toBeGreaterThanOrEqual(95_000);
    expect(found).toBeLessThanOrEqual(95_000 * 1.25 + 1);
    // The client's own limit stands, even above what is usual.
    expect(tokens({ maxOutputTokens: 200_000 }, served({ model: "talkative" }))).toBe(200_000);
  });

  it("are what the target is asked for, or a usual number, where nothing is known", () => {
    expect(tokens({}, served({ max_tokens: 8_000 }))).toBe(8_000);
    expect(tokens({})).toBe(4_096);
  });

  it.each<OperationName>(["embed", "count_tokens", "moderate", "rerank"])(
    "of the operation %s are the request's alone",
    (operation) => {
      expect(tokens({ inputTokens: 1_000, operation })).toBe(1_000);
    },
  );

  it("can be counted whatever a client asks for", () => {
    const found = tokens({ inputTokens: 1, maxOutputTokens: Number.POSITIVE_INFINITY, answers: 1e308 });
    expect(Number.isSafeInteger(found)).toBe(true);
    expect(tokens({ maxOutputTokens: 10.7 })).toBe(10);
  });
});

describe("money", () => {
  it("is that of the dearest target in the chain, wherever it stands", () => {
    expect(worst("mixed", { inputTokens: 10, maxOutputTokens: 90 })).toMatchObject({ nanoUsd: 1_000 });
    expect(worst("cheap", { inputTokens: 10, maxOutputTokens: 90 })).toMatchObject({ nanoUsd: 100 });
  });

  it("is that of the targets with a price, and says that there are others", () => {
    const both = {
      models: {
        m: {
          targets: [
            { cluster: "one", model: "unlisted-1" },
            { cluster: "two", model: "dear" },
          ],
        },
      },
    };
    expect(worst("m", { maxOutputTokens: 10 }, both)).toEqual({ tokens: 10, nanoUsd: 100, unpriced: true });
    expect(worst("unlisted", { maxOutputTokens: 10 })).toEqual({ tokens: 10, nanoUsd: 0, unpriced: true });
    expect(worst("cheap", {}).unpriced).toBe(false);
  });

  const priced = (rates: JsonObject) => ({
    models: { m: { targets: [{ cluster: "one" }] } },
    prices: { m: rates },
  });
  const nanoUsd = (asked: Asked, rates: JsonObject) =>
    worst("m", asked, priced(rates), cataloguePricing()).nanoUsd;

  it("takes the dearer tier: a request that is written to a cache costs more", () => {
    const asked = { inputTokens: 1_000_000, maxOutputTokens: 0 };
    expect(nanoUsd(asked, { input: 3, output: 15 })).toBe(3_000_000_000);
    expect(nanoUsd(asked, { input: 3, output: 15, cache_write: "3.75" })).toBe(3_750_000_000);
    // Where a cache is cheaper nobody knows whether it will be used.
    expect(nanoUsd(asked, { input: 3, output: 15, cache_write: 1, cache_read: 1 })).toBe(3_000_000_000);
  });

  it("is what the caller is charged, with the policy's margin", () => {
    expect(
      nanoUsd({ inputTokens: 1_000_000, maxOutputTokens: 0 }, { input: 3, output: 15, margin: 0.5 }),
    ).toBe(4_500_000_000);
  });

  it("is paid for each picture that is asked for", () => {
    const image = { image: "0.04" };
    expect(nanoUsd({ operation: "image" }, image)).toBe(40_000_000);
    expect(nanoUsd({ operation: "image", answers: 4 }, image)).toBe(160_000_000);
  });

  it("of a call that has a price by itself is due as well", () => {
    expect(nanoUsd({ operation: "rerank" }, { request: "0.002" })).toBe(2_000_000);
  });

  it("can be counted, whatever a client asks for and at any price", () => {
    const rates = { input: 1_000_000, output: 1_000_000, margin: 100 };
    const asked = { inputTokens: 2_000_000, maxOutputTokens: Number.MAX_SAFE_INTEGER, answers: 1_000_000 };
    expect(Number.isSafeInteger(nanoUsd(asked, rates))).toBe(true);
  });
});
