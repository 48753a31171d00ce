/**
 * Envoy's configuration in front of Tollgate, from one typed description.
 *
 * The demo, the tests with the real Envoy and the bench all take theirs from here, and a test holds
 * `envoy/envoy.yaml` (what operators copy) to the same structure: so what is tested is what is shipped.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/api
 */
import { stringify } from "yaml";
import type { JsonObject } from "../../json/types.ts";
import { providerCluster, tollgateCluster } from "./envoy-cluster.ts";
import { exchangeFilter, extension, staticSecret } from "./envoy-filters.ts";
import { envoyRoute } from "./envoy-route.ts";
import { DEFAULT_BODY_LIMIT_BYTES, DEFAULT_ROUTE_TIMEOUT, type EnvoySetup } from "./envoy-setup.ts";

/** Envoy's bootstrap as an object; a caller may still change it before it is written. */
export function envoyConfig(setup: EnvoySetup): JsonObject {
  const config: JsonObject = {
    // Envoy wants a name before it reads a secret by SDS.
    node: { id: "gateway", cluster: "gateway" },
    layered_runtime: {
      layers: [
        {
          name: "tollgate",
          // Otherwise Envoy resets each ext_proc stream at its end, and Node closes a connection that saw a
          // thousand resets: about 1 % of the calls fail under load.
          static_layer: {
            "envoy.reloadable_features.ext_proc_graceful_grpc_close": true,
            // It resets them all the same when Tollgate does not get to end them within this time, a second by
            // default: too short for a burst of clients that hang up.
            "envoy.filters.http.ext_proc.remote_close_timeout_milliseconds": 30_000,
          },
        },
      ],
    },
    static_resources: {
      listeners: [listener(setup)],
      clusters: [
        ...(setup.tollgate.length > 0 ? [tollgateCluster(setup.tollgate)] : []),
        ...setup.clusters.map((cluster) => providerCluster(setup, cluster)),
      ],
      ...secrets(setup),
    },
  };
  if (setup.admin !== undefined) config["admin"] = { address: socket(setup.admin) };
  return config;
}

/** The same as YAML, every value spelled out where it is used; as Envoy reads it, for which `no` is false (1.1). */
export function envoyYaml(config: JsonObject): string {
  return stringify(config, { version: "1.1", aliasDuplicateObjects: false, lineWidth: 110 });
}

function secrets(setup: EnvoySetup): JsonObject {
  const found = setup.clusters.flatMap((cluster) => {
    const { credential } = cluster;
    if (credential === undefined || credential.kind === "aws-signature") return [];
    const secret = staticSecret(cluster.name, credential.secret);
    return secret === undefined ? [] : [secret];
  });
  return found.length === 0 ? {} : { secrets: found };
}

function listener(setup: EnvoySetup): JsonObject {
  const manager = extension(
    "envoy.filters.network.http_connection_manager",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    {
      stat_prefix: "llm",
      // The peer's address, not what a client claims in x-forwarded-for.
      use_remote_address: true,
      skip_xff_append: true,
      // Before a route is chosen, and also while Tollgate is down: with it a client could choose the path that a
      // provider sees.
      early_header_mutation_extensions: [
        extension(
          "envoy.http.early_header_mutation.header_mutation",
          "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
          { mutations: ["x-tollgate-path", "x-tollgate-judge"].map((name) => ({ remove: name })) },
        ),
      ],
      stream_idle_timeout: DEFAULT_ROUTE_TIMEOUT,
      access_log: [accessLog()],
      route_config: { name: "llm", virtual_hosts: [virtualHost(setup)] },
      http_filters: [
        ...(setup.tollgate.length > 0 ? [exchangeFilter(setup)] : []),
        extension("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router", {
          // Its x-envoy-original-host is written after every upstream filter: nothing else keeps our own
          // host name from the provider. The attempt count, which we need, is still written.
          suppress_envoy_headers: true,
        }),
      ],
    },
  );
  return {
    name: "llm",
    address: socket(setup.listener),
    per_connection_buffer_limit_bytes: setup.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    filter_chains: [{ filters: [manager] }],
  };
}

function virtualHost(setup: EnvoySetup): JsonObject {
  return {
    name: "llm",
    domains: ["*"],
    include_request_attempt_count: true,
    include_attempt_count_in_response: true,
    include_is_timeout_retry_header: true,
    ...(setup.policy === undefined ? {} : { metadata: { filter_metadata: { tollgate: setup.policy } } }),
    routes: setup.routes.map((route) => envoyRoute(setup, route)),
  };
}

/**
 * One JSON line for each call. The stream logger rather than a file logger on /dev/stdout: that cannot be opened
 * when standard output is a socket, as it is under Node.
 */
function accessLog(): JsonObject {
  return extension(
    "envoy.access_loggers.stdout",
    "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
    {
      log_format: {
        json_format: {
          time: "%START_TIME%",
          id: "%REQ(x-request-id)%",
          method: "%REQ(:METHOD)%",
          path: "%REQ(:PATH)%",
          status: "%RESPONSE_CODE%",
          details: "%RESPONSE_CODE_DETAILS%",
          flags: "%RESPONSE_FLAGS%",
          target: "%UPSTREAM_CLUSTER%",
          attempts: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
          duration_ms: "%DURATION%",
          bytes_received: "%BYTES_RECEIVED%",
          bytes_sent: "%BYTES_SENT%",
          tollgate: "%DYNAMIC_METADATA(tollgate)%",
        },
      },
    },
  );
}

function socket(place: { readonly host: string; readonly port: number }): JsonObject {
  return { socket_address: { address: place.host, port_value: place.port } };
}
