/** The routes of {@link ./envoy-config.ts}: gated by Tollgate, plain, or answered by Envoy. */
import type { JsonObject } from "../../json/types.ts";
import { typed } from "./envoy-filters.ts";
import {
  DEFAULT_BODY_LIMIT_BYTES,
  DEFAULT_ROUTE_TIMEOUT,
  type EnvoySetup,
  type GatedRoute,
  type RetrySetup,
  type RouteSetup,
} from "./envoy-setup.ts";

const PER_ROUTE = "envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute";
const PRIORITY_GROUP = "envoy.router.cluster_specifier_plugin.priority_group";
const PRIORITY_GROUP_TYPE =
  "envoy.extensions.router.cluster_specifiers.priority_group.v3.PriorityGroupClusterSpecifier";

/** One entry of the virtual host's `routes`. */
export function envoyRoute(setup: EnvoySetup, route: RouteSetup): JsonObject {
  const base: JsonObject = { name: route.name, match: { prefix: route.prefix } };
  const unseen = setup.tollgate.length === 0 ? {} : perRoute({ disabled: true });
  switch (route.kind) {
    case "gated":
      return { ...base, ...gated(setup, route) };
    case "plain":
      return { ...base, ...unseen, route: { cluster: route.cluster, auto_host_rewrite: true } };
    case "answered":
      return {
        ...base,
        ...unseen,
        direct_response: { status: route.status, body: { inline_string: route.body } },
      };
  }
}

function gated(setup: EnvoySetup, route: GatedRoute): JsonObject {
  const fallback = route.defaultCluster ?? setup.clusters[0]?.name;
  if (fallback === undefined) throw new Error(`route ${route.name} has no cluster to go to`);
  return {
    ...(route.policy === undefined ? {} : { metadata: { filter_metadata: { tollgate: route.policy } } }),
    ...(route.failureModeAllow === true ? perRoute({ overrides: { failure_mode_allow: true } }) : {}),
    request_body_buffer_limit: setup.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    route: {
      auto_host_rewrite: true,
      // Set by Tollgate for the first target. Absent: the path stays.
      path_rewrite: "%REQ(x-tollgate-path)%",
      timeout: route.timeout ?? DEFAULT_ROUTE_TIMEOUT,
      inline_cluster_specifier_plugin: {
        extension: {
          name: PRIORITY_GROUP,
          typed_config: typed(PRIORITY_GROUP_TYPE, {
            override_metadata_namespace: "tollgate.targets",
            priority_groups: [{ name: "default", clusters: [{ cluster_name: fallback, weight: 1 }] }],
          }),
        },
      },
      retry_policy: retryPolicy(route.retry ?? {}),
    },
  };
}

function retryPolicy(retry: RetrySetup): JsonObject {
  return {
    retry_on: retry.retryOn ?? "5xx,reset,connect-failure,retriable-status-codes",
    // 408 and 424 are Bedrock's: a model that took too long, or failed.
    retriable_status_codes: [408, 424, 429],
    num_retries: retry.retries ?? 3,
    // Without it each retry goes to the cluster of the first attempt.
    refresh_cluster_on_retry: true,
    // Tollgate says when a target that asked to wait is worth waiting for.
    rate_limited_retry_back_off: {
      reset_headers: [{ name: "x-tollgate-retry-in", format: "SECONDS" }],
      max_interval: "15s",
    },
    ...(retry.perTryTimeout === undefined ? {} : { per_try_timeout: retry.perTryTimeout }),
    ...(retry.backOff === undefined
      ? {}
      : {
          retry_back_off: {
            base_interval: retry.backOff.baseInterval,
            max_interval: retry.backOff.maxInterval,
          },
        }),
  };
}

function perRoute(fields: JsonObject): JsonObject {
  return { typed_per_filter_config: { "envoy.filters.http.ext_proc": typed(PER_ROUTE, fields) } };
}
