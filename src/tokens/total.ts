/** What a call comes to by all that it is priced by. */
import type { Usage } from "../conversation/usage.ts";
import type { PriceTerms } from "../policy/policy.ts";
import { costOf, exactCostOf, roundedHalfUp } from "./cost.ts";
import { portionsOf } from "./portions.ts";
import type { Cost } from "./pricing.ts";
import type { Rates } from "./rates.ts";
import { exactUnitCost, type UnitPrices, unitCosts, unitParts } from "./unit-prices.ts";

/** Everything that is known of a model's prices. */
export interface Prices {
  readonly tokens: Rates | undefined;
  readonly units: UnitPrices;
}

/**
 * Nano-dollars. Undefined when nothing of what the call took has a price here: a call that was answered without a
 * count costs something, and nobody knows what.
 *
 * @param answered the provider has answered with success, so that what it takes per call is due
 */
export function totalOf({ tokens, units }: Prices, usage: Usage, answered: boolean): number | undefined {
  const hasTokens = usage.input > 0 || usage.output > 0;
  const costs = unitCosts(usage.units ?? {}, units, answered ? 1 : 0);
  if (tokens !== undefined && hasTokens) costs.push(costOf(portionsOf(usage), tokens));
  if (costs.length === 0 && (answered || hasTokens)) return undefined;
  return Math.min(
    costs.reduce((sum, cost) => sum + cost, 0),
    Number.MAX_SAFE_INTEGER,
  );
}

const atListPrice = { discountPpm: 0, marginPpm: 0 };
const million = 1_000_000n;

/**
 * What the provider is owed and what the caller is charged. With a discount or a margin each is rounded half up once, from
 * the exact product. Undefined as by `totalOf`.
 */
export function billOf(
  prices: Prices,
  usage: Usage,
  answered: boolean,
  terms: Pick<PriceTerms, "discountPpm" | "marginPpm"> = atListPrice,
): Omit<Cost, "source"> | undefined {
  const { discountPpm, marginPpm } = terms;
  const listed = totalOf(prices, usage, answered);
  if (listed === undefined) return undefined;
  if (discountPpm === 0 && marginPpm === 0) {
    return { nanoUsd: listed, chargedNanoUsd: listed, discountPpm, marginPpm };
  }
  const { tokens, units } = prices;
  const ofTokens = tokens === undefined ? 0n : exactCostOf(portionsOf(usage), tokens);
  const ofUnits = exactUnitCost(usage.units ?? {}, units, answered ? 1 : 0);
  const owed = (ofTokens * unitParts + ofUnits * million) * (million - BigInt(discountPpm));
  // Of a nano-dollar; by then with the shares' own millionths.
  const parts = million * unitParts * million;
  return {
    nanoUsd: roundedHalfUp(owed, parts),
    chargedNanoUsd: roundedHalfUp(owed * (million + BigInt(marginPpm)), parts * million),
    discountPpm,
    marginPpm,
  };
}
