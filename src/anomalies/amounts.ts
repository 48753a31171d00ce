/** What an exchange adds to what its caller does. */
import type { ExchangeRecord } from "../telemetry/record.ts";
import { placeOf } from "./track.ts";

/** The reason of exchanges that the brake refused. */
export const brakeReason = "anomaly_brake";

/** Sums of amounts below stay exact to a few thousand of them; more is no honest count. */
const mostAmount = 1e12;

/**
 * Whether it says anything of its caller. What the brake refused would keep it on; whoever is not known by any proof
 * may have been called by another's name.
 */
export function isCounted({ outcome, reason, status }: ExchangeRecord): boolean {
  return outcome !== "passed-through" && reason !== brakeReason && status !== 401;
}

export function tokensOf({ usage }: ExchangeRecord): number {
  return countable(usage.input + usage.output);
}

/** @param amounts by place; expensive models are told by who knows what is usual */
export function writeAmounts(exchange: ExchangeRecord, amounts: number[]): void {
  amounts[placeOf.tokens] = tokensOf(exchange);
  amounts[placeOf.cost] = countable(exchange.chargedNanoUsd);
  amounts[placeOf.rate] = 1;
  amounts[placeOf.expensive_model] = 0;
  amounts[placeOf.errors] = isError(exchange) ? 1 : 0;
  amounts[placeOf.retries] = countable(exchange.attempts - 1);
}

/** A client that hangs up has its reasons. */
function isError({ outcome, status }: ExchangeRecord): boolean {
  return outcome !== "cancelled" && (outcome === "failed" || outcome === "local-reply" || status >= 400);
}

/** Providers count, and JSON can hold 1e999. */
function countable(count: number): number {
  return count > 0 ? Math.min(count, mostAmount) : 0;
}
