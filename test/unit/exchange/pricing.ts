import type { Pricing } from "../../../src/tokens/pricing.ts";

/** One nano-dollar a token, so that sums can be read off. */
export const tokenPrice: Pricing = {
  cost: (_query, usage) => ({ nanoUsd: usage.input + usage.output, source: "policy" }),
};
