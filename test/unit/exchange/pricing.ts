import { noCost, type Pricing } from "../../../src/tokens/pricing.ts";

/** One nano-dollar a token, so that sums can be read off. */
export const tokenPrice: Pricing = {
  cost: (_query, usage) => {
    const nanoUsd = usage.input + usage.output;
    return { ...noCost, nanoUsd, chargedNanoUsd: nanoUsd, source: "policy" };
  },
};
