/** Money: integer nano-dollars, from usage and a price list. */
import type { Usage } from "../conversation/usage.ts";
import type { PriceTerms } from "../policy/policy.ts";

/** What one call costs. */
export interface Cost {
  /** What the provider is owed, discount taken off. Nano-dollars (1 USD = 1,000,000,000), rounded half up. */
  readonly nanoUsd: number;
  /** What the caller is charged: with the margin, rounded half up once from the exact product. */
  readonly chargedNanoUsd: number;
  /** Where the price came from; `unknown`: no price is known and both are 0. */
  readonly source: "policy" | "catalogue" | "unknown";
  /** As the policy had them when the call was priced. Parts per million. */
  readonly discountPpm: number;
  readonly marginPpm: number;
}

/** Of a call that nobody is paid for, or that has no known price. */
export const noCost: Cost = Object.freeze({
  nanoUsd: 0,
  chargedNanoUsd: 0,
  source: "unknown",
  discountPpm: 0,
  marginPpm: 0,
});

/**
 * What the tries of one call come to together: the sums. Where the prices came from and by which terms is said of the last
 * that has a known price.
 *
 * @param costs one at least
 */
export function costSum(costs: readonly Cost[]): Cost {
  const [only] = costs;
  if (only !== undefined && costs.length === 1) return only;
  const { source, discountPpm, marginPpm } = costs.findLast((cost) => cost.source !== "unknown") ?? noCost;
  return {
    nanoUsd: total(costs.map((cost) => cost.nanoUsd)),
    chargedNanoUsd: total(costs.map((cost) => cost.chargedNanoUsd)),
    source,
    discountPpm,
    marginPpm,
  };
}

function total(amounts: readonly number[]): number {
  return Math.min(
    amounts.reduce((sum, amount) => sum + amount, 0),
    Number.MAX_SAFE_INTEGER,
  );
}

export interface PriceQuery {
  /** The model as the provider named it in its answer, or as it was asked for. */
  readonly model: string;
  /** Provider id in the catalogue, when known. */
  readonly providerId: string | undefined;
  readonly terms: PriceTerms | undefined;
  /** The provider has answered with success: what it takes per call is due, and no count means no known cost. */
  readonly answered?: boolean;
}

export interface Pricing {
  cost(query: PriceQuery, usage: Usage): Cost;
}
