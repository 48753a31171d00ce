/**
 * Whether and when Envoy tries again after an answer with `retry-after`.
 *
 * A failover goes at once: the next target did not ask anybody to wait. A retry of the same target waits as long
 * as it asked; if that is longer than a call should hang, there is no retry, and the client gets the answer with
 * its `retry-after`, which its SDK honours.
 *
 * Envoy reads the wait from a response header named in the route's `rate_limited_retry_back_off`, and decides on a
 * retry by the status it sees.
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/route_components.proto
 */
import type { HeaderMutation } from "../extproc/messages.ts";
import type { Exchange } from "./exchange.ts";

/** The header of ours that Envoy's back-off reads. Seconds, whole. */
export const retryInHeader = "x-tollgate-retry-in";

/** As `max_interval` in the route's back-off. */
const longestWaitSeconds = 10;

/** Of no retry policy of ours; the exchange stream puts the true status back. */
const statusThatStopsRetries = "400";

/**
 * @param number of the attempt that failed
 * @param retryAfter the header as the provider sent it: seconds or an HTTP date (RFC 9110, section 10.2.3)
 */
export function steerRetry(
  exchange: Exchange,
  number: number,
  retryAfter: string | undefined,
  nowSeconds: number,
): HeaderMutation | undefined {
  const schedule = exchange.admission?.schedule;
  if (retryAfter === undefined || schedule === undefined) return undefined;
  const at = (attempt: number) => schedule[Math.min(attempt, schedule.length) - 1]?.cluster;
  if (at(number) !== at(number + 1)) return undefined;
  const waitSeconds = secondsOf(retryAfter, nowSeconds);
  if (waitSeconds === undefined || waitSeconds === 0) return undefined;
  if (waitSeconds > longestWaitSeconds) return { set: [[":status", statusThatStopsRetries]] };
  return { set: [[retryInHeader, String(waitSeconds)]] };
}

function secondsOf(retryAfter: string, nowSeconds: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(retryAfter)) return Math.ceil(Number(retryAfter));
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil(date / 1000 - nowSeconds));
}
