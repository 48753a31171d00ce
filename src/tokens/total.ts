/** What a call comes to by all that it is priced by. */
import type { Usage } from "../conversation/usage.ts";
import { costOf } from "./cost.ts";
import { portionsOf } from "./portions.ts";
import type { Rates } from "./rates.ts";
import { type UnitPrices, unitCosts } from "./unit-prices.ts";

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
