/** What embeddings cost: input alone, at the prices that the vendors publish. */
import { calcPrice } from "@pydantic/genai-prices";
import { describe, expect, it } from "vitest";
import { noUsage } from "../../../src/conversation/usage.ts";
import { providerNamed } from "../../../src/providers/registry.ts";
import { cataloguePricing } from "../../../src/tokens/catalogue.ts";

const pricing = cataloguePricing(() => Date.UTC(2026, 5, 1));

/** US dollars for a million tokens. */
function priceOf(provider: string, model: string) {
  const query = { model, providerId: providerNamed(provider).priceId, override: undefined };
  const { nanoUsd, source } = pricing.cost(query, { ...noUsage, input: 1_000_000 });
  return [nanoUsd / 1e9, source];
}

describe("prices", () => {
  it.each([
    ["openai", "text-embedding-3-small", 0.02],
    ["openai", "text-embedding-3-large", 0.13],
    ["openai", "text-embedding-ada-002", 0.1],
    ["azure-openai", "text-embedding-3-small", 0.02],
    ["google", "gemini-embedding-001", 0.15],
    ["vertex", "gemini-embedding-001", 0.15],
    ["google", "gemini-embedding-2", 0.2],
    ["bedrock", "amazon.titan-embed-text-v1", 0.1],
    ["bedrock", "amazon.titan-embed-text-v2:0", 0.02],
    ["mistral", "mistral-embed", 0.1],
    ["cohere", "embed-v4.0", 0.12],
  ])("of %s, %s", (provider, model, dollars) => {
    expect(priceOf(provider, model)).toEqual([dollars, "catalogue"]);
  });

  it.each([
    ["bedrock", "cohere.embed-v4:0"],
    ["vertex", "text-embedding-005"],
    ["openai-compatible", "text-embedding-3-small"],
  ])("of %s, %s are for the policy to say", (provider, model) => {
    expect(priceOf(provider, model)).toEqual([0, "unknown"]);
  });

  it("are corrected where the catalogue still has them wrong", () => {
    const catalogues = calcPrice({}, "amazon.titan-embed-text-v2:0", { providerId: "aws" });
    expect(catalogues?.model_price).not.toEqual({ input_mtok: 0.02 });
  });
});
