import { describe, expect, it } from "vitest";
import { providerNamed, providerNames } from "../../../src/providers/registry.ts";

/** Streams and wholes, by provider: a new one has to be put somewhere. */
const rules: Readonly<Record<string, readonly string[]>> = {
  "stops, finishes": [
    ...["openai", "openai-responses", "anthropic", "azure-openai", "azure-openai-responses"],
    ...["cloudflare-workers-ai", "together", "deepseek", "xai", "cohere", "fireworks"],
  ],
  "finishes, finishes": [
    ...["google", "vertex", "vertex-anthropic", "bedrock", "replicate", "mistral", "groq"],
    ...["openrouter", "huggingface", "perplexity", "openai-compatible"],
  ],
  "stops, stops": ["ollama", "vllm"],
};

describe("a request whose connection is dropped", () => {
  it.each(providerNames)("at %s is settled by its published rule", (name) => {
    const { streams, wholes } = providerNamed(name).abandoned;
    expect(rules[`${streams}, ${wholes}`]).toContain(name);
  });

  it("is billed in spite of an error status by Azure alone", () => {
    const billing = providerNames.filter(
      (name) => providerNamed(name).abandoned.billedStatuses !== undefined,
    );
    expect(billing).toEqual(["azure-openai", "azure-openai-responses"]);
    expect(providerNamed("azure-openai").abandoned.billedStatuses).toEqual([408]);
  });
});
