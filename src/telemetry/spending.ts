/** Whether an exchange took something that costs, whatever is known of its price. */
import type { ExchangeRecord } from "./record.ts";

export function isSpending(exchange: ExchangeRecord): boolean {
  const { usage, outcome, status, operation, provider, costNanoUsd } = exchange;
  // Without a provider no model operation took place.
  if (provider === undefined) return false;
  const isAnswered = outcome === "finished" && status < 400 && operation !== "pass";
  return isAnswered || usage.input > 0 || usage.output > 0 || usage.units !== undefined || costNanoUsd > 0;
}
