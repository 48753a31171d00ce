import { expect, it } from "vitest";
import { ModelPrices } from "../../../src/anomalies/model-price.ts";
import { noUsage } from "../../../src/conversation/usage.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { cataloguePricing } from "../../../src/tokens/catalogue.ts";
import { exchangeRecord } from "../telemetry/records.ts";

const policy = (prices: object = {}) =>
  parsePolicy(JSON.stringify({ targets: { openai: { provider: "openai" } }, prices }), undefined);
const served = (modelServed: string | undefined, asked = modelServed ?? "", input = 100) =>
  exchangeRecord({
    provider: "openai",
    modelServed,
    usage: { ...noUsage, input },
    attemptsTried: exchangeRecord().attemptsTried.map((tried) => ({
      ...tried,
      cluster: "openai",
      provider: "openai",
      model: asked,
    })),
  });

it.each<[string, Parameters<typeof served>, object, number | undefined]>([
  // Three quarters at 2.5 USD, one at 10.
  ["of the catalogue", ["gpt-4o"], {}, 4_375_000_000],
  [
    "of a snapshot that it does not know, by the model asked for",
    ["gpt-4o-2099-01-01", "gpt-4o"],
    {},
    4_375_000_000,
  ],
  ["of the policy", ["llama"], { llama: { input: 1, output: 3 } }, 1_500_000_000],
  ["as it is charged", ["gpt-4o"], { "*": { discount: 0.5, margin: 1 } }, 4_375_000_000],
  ["that nobody knows", ["llama"], {}, undefined],
  ["of a model that is free", ["llama"], { llama: { input: 0, output: 0 } }, undefined],
  ["of no tokens", ["gpt-4o", "gpt-4o", 0], {}, undefined],
  ["of no model", [undefined], {}, undefined],
])("a price %s", (_, exchange, prices, expected) => {
  const known = new ModelPrices(cataloguePricing());
  const asked = policy(prices);
  for (let n = 0; n < 2; n++) expect(known.of(served(...exchange), asked)).toBe(expected);
});

it("a policy's prices are its own", () => {
  const known = new ModelPrices(cataloguePricing());
  expect(known.of(served("llama"), policy({ llama: { input: 1, output: 1 } }))).toBe(1_000_000_000);
  expect(known.of(served("llama"), policy({ llama: { input: 2, output: 2 } }))).toBe(2_000_000_000);
});
