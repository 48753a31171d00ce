/** Money: integer nano-dollars, from usage and a price list. */
import type { Usage } from "../conversation/usage.ts";
import type { PriceOverride } from "../policy/policy.ts";

/** What one call costs. */
export interface Cost {
  /** Nano-dollars (1 USD = 1,000,000,000), rounded half up once, at the end. */
  readonly nanoUsd: number;
  /** Where the price came from; `unknown`: no price is known and `nanoUsd` is 0. */
  readonly source: "policy" | "catalogue" | "unknown";
}

export interface PriceQuery {
  /** The model as the provider named it in its answer, or as it was asked for. */
  readonly model: string;
  /** Provider id in the catalogue, when known. */
  readonly providerId: string | undefined;
  readonly override: PriceOverride | undefined;
  /** The provider has answered with success: what it takes per call is due, and no count means no known cost. */
  readonly answered?: boolean;
}

export interface Pricing {
  cost(query: PriceQuery, usage: Usage): Cost;
}
