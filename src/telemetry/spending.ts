/** Whether an exchange took something that costs, whatever is known of its price. */
import type { Usage } from "../conversation/usage.ts";
import type { ExchangeRecord } from "./record.ts";

export function isSpending(exchange: ExchangeRecord): boolean {
  const { usage, outcome, status, operation, provider, costNanoUsd } = exchange;
  // Without a provider no model operation took place.
  if (provider === undefined) return false;
  const isAnswered = outcome === "finished" && status < 400 && operation !== "pass";
  return isAnswered || isTaken(usage) || costNanoUsd > 0;
}

/** Something was taken by one of its attempts at least, and nobody knows at what cost. */
export function isUnpriced(exchange: ExchangeRecord): boolean {
  if (!isSpending(exchange)) return false;
  if (exchange.costSource === "unknown") return true;
  const { outcome, status, attemptsTried } = exchange;
  const last = outcome === "finished" && status < 400 ? attemptsTried.length - 1 : undefined;
  return attemptsTried.some(
    ({ usage, costSource }, index) => costSource === "unknown" && (index === last || isTaken(usage)),
  );
}

function isTaken({ input, output, units }: Usage): boolean {
  return input > 0 || output > 0 || units !== undefined;
}
