/** The records of calls that name no model. */
import { noUsage } from "../conversation/usage.ts";
import type { Refusal } from "../rules/rule.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";

/**
 * Of a call that passes through: it is counted, and nothing else is known of it.
 *
 * @param id Envoy's request id
 */
export function passedRecord(id: string, route: string): ExchangeRecord {
  return {
    id,
    route,
    caller: undefined,
    outcome: "passed-through",
    status: 0,
    reason: "passed_through",
    operation: undefined,
    clientDialect: undefined,
    targetDialect: undefined,
    provider: undefined,
    cluster: undefined,
    modelAsked: undefined,
    modelServed: undefined,
    stream: false,
    attempts: 0,
    attemptsTried: [],
    usage: noUsage,
    costNanoUsd: 0,
    chargedNanoUsd: 0,
    discountPpm: 0,
    marginPpm: 0,
    costSource: "unknown",
    rulings: [],
    reservedNanoUsd: undefined,
    losses: [],
    durationMs: 0,
    timeToFirstTokenMs: undefined,
  };
}

/** Of one that the policy does not let through, or that there is no room for. */
export function refusedCallRecord(
  { id, route, caller }: Pick<ExchangeRecord, "id" | "route" | "caller">,
  { error, reason }: Refusal,
): ExchangeRecord {
  return {
    ...passedRecord(id, route),
    caller,
    outcome: "refused",
    status: error.status,
    reason,
    operation: "pass",
  };
}
