/** The verdict that sends an admitted exchange to its first target. */
import { withoutQuery } from "../dialects/registry.ts";
import type { ContinueResponse } from "../extproc/messages.ts";
import type { JsonValue } from "../json/types.ts";
import type { Target } from "../policy/policy.ts";
import type { Admission, Exchange } from "./exchange.ts";
import type { Services } from "./services.ts";
import { type Accepted, suitable } from "./suitability.ts";

/**
 * Encodes for the first suitable target and tells Envoy the order of the others.
 *
 * @throws InvalidRequestError when no target can take the request
 */
export function dispatch(
  services: Services,
  exchange: Exchange,
  admission: Admission,
): ContinueResponse | Promise<ContinueResponse> {
  const accepted = suitable(services, exchange, admission);
  return accepted instanceof Promise
    ? accepted.then((found) => verdict(services, exchange, found))
    : verdict(services, exchange, accepted);
}

function verdict(services: Services, exchange: Exchange, accepting: Accepted): ContinueResponse {
  const { admission: accepted, outbound } = accepting;
  exchange.admission = accepted;
  exchange.begin(outbound.attempt, services.monotonicMs());
  // Envoy still has the client's bytes: the very same need not travel back.
  const isUnchanged = outbound.body === accepted.received;
  return {
    kind: "request_body",
    ...(!isUnchanged && { body: outbound.body }),
    headers: {
      set: [
        ...(outbound.headers.set ?? []),
        // The route's path_rewrite reads it. `:path` itself must stay, or another route would match.
        ["x-tollgate-path", outbound.path],
        ...withoutClientQuery(exchange.path),
        ...retryHeaders(accepted),
      ],
      remove: outbound.headers.remove ?? [],
    },
    // The route is matched again so that its cluster follows from the targets below.
    clearRouteCache: true,
    dynamicMetadata: {
      "tollgate.targets": { priority_groups: accepted.schedule.map(priorityGroup) },
      tollgate: {
        exchange: exchange.id,
        ...(services.workerAddress !== undefined && { worker: services.workerAddress }),
      },
    },
  };
}

function priorityGroup({ cluster }: Target, index: number): JsonValue {
  return { name: String(index), clusters: [{ cluster_name: cluster, weight: 1 }] };
}

/**
 * Envoy's path_rewrite keeps the query of `:path`, whatever the new path is, and a client of Gemini may keep its key
 * there. It is for the gateway alone: a provider's path brings its own query. (Routes that ask for query parameters
 * are chosen again without them.)
 */
function withoutClientQuery(path: string): Array<readonly [string, string]> {
  return path.includes("?") ? [[":path", withoutQuery(path)]] : [];
}

/** Envoy's own knobs, per request. Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/router_filter */
function retryHeaders({ modelRoute }: Admission): Array<readonly [string, string]> {
  const set: Array<readonly [string, string]> = [];
  if (modelRoute.attempts !== undefined) set.push(["x-envoy-max-retries", String(modelRoute.attempts - 1)]);
  if (modelRoute.perTryTimeoutMs !== undefined) {
    set.push(["x-envoy-upstream-rq-per-try-timeout-ms", String(modelRoute.perTryTimeoutMs)]);
  }
  return set;
}
