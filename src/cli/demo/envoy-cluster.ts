/** The clusters of {@link ./envoy-config.ts}: one for each provider, and Tollgate's own. */
import { isIP } from "node:net";
import type { JsonObject } from "../../json/types.ts";
import {
  attemptFilter,
  credentialFilter,
  extension,
  failureFilter,
  hidingFilter,
  typed,
} from "./envoy-filters.ts";
import { type Address, type ClusterSetup, DEFAULT_BODY_LIMIT_BYTES, type EnvoySetup } from "./envoy-setup.ts";
import { signingFilter } from "./envoy-signing.ts";

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const OVERRIDE_HOST = "envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost";
const ROUND_ROBIN = "envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin";

/** A provider. Behind TLS the protocol is agreed on by ALPN; in the clear it is HTTP/1.1. */
export function providerCluster(setup: EnvoySetup, cluster: ClusterSetup): JsonObject {
  const { host } = parsed(cluster.address);
  const endpoint: JsonObject = {
    hostname: cluster.hostname ?? host,
    address: envoyAddress(cluster.address),
  };
  const protocols: JsonObject =
    cluster.tls === undefined
      ? { explicit_http_config: { http_protocol_options: {} } }
      : { auto_config: { http_protocol_options: {}, http2_protocol_options: {} } };
  const config: JsonObject = {
    name: cluster.name,
    // auto_host_rewrite wants a DNS cluster. A public API has many addresses that change with every answer:
    // LOGICAL_DNS keeps its connections through that, STRICT_DNS would drain them.
    type: cluster.tls === undefined ? "STRICT_DNS" : "LOGICAL_DNS",
    dns_lookup_family: "V4_PREFERRED",
    connect_timeout: "2s",
    circuit_breakers: breakers(MOST_CALLS),
    per_connection_buffer_limit_bytes: setup.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    load_assignment: assignment(cluster.name, [endpoint]),
    typed_extension_protocol_options: {
      [HTTP_OPTIONS]: typed(HTTP_OPTIONS, { ...protocols, http_filters: upstreamFilters(setup, cluster) }),
    },
  };
  if (cluster.tls !== undefined) {
    config["transport_socket"] = extension(
      "envoy.transport_sockets.tls",
      "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      {
        sni: cluster.tls.serverName,
        // Without this any certificate of a known authority would do, whoever it was issued to.
        auto_sni_san_validation: true,
        common_tls_context: { validation_context: { trusted_ca: { filename: cluster.tls.caFile } } },
      },
    );
  }
  return config;
}

/** On every try, in this order. A signature comes last: it is of the request as the provider gets it. */
function upstreamFilters(setup: EnvoySetup, cluster: ClusterSetup): JsonObject[] {
  const { credential } = cluster;
  const isSigned = credential?.kind === "aws-signature";
  const hostname = cluster.hostname ?? parsed(cluster.address).host;
  return [
    ...(setup.tollgate.length > 0 ? [attemptFilter(setup), failureFilter(setup)] : []),
    ...(credential === undefined || isSigned ? [] : [credentialFilter(cluster.name, credential)]),
    hidingFilter(),
    ...(isSigned ? [signingFilter(credential, hostname)] : []),
    extension(
      "envoy.filters.http.upstream_codec",
      "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec",
    ),
  ];
}

/** Tollgate over HTTP/2, health-checked by gRPC, attempt streams sent back to the exchange's worker. */
export function tollgateCluster(addresses: readonly Address[]): JsonObject {
  const named = addresses.some((address) => {
    const { host } = parsed(address);
    return host !== "" && isIP(host) === 0;
  });
  return {
    name: "tollgate",
    type: named ? "STRICT_DNS" : "STATIC",
    connect_timeout: "1s",
    // An exchange may have an attempt stream and a failed-attempt stream beside its own.
    circuit_breakers: breakers(3 * MOST_CALLS),
    typed_extension_protocol_options: {
      [HTTP_OPTIONS]: typed(HTTP_OPTIONS, { explicit_http_config: { http2_protocol_options: {} } }),
    },
    load_balancing_policy: {
      policies: [
        {
          typed_extension_config: extension("envoy.load_balancing_policies.override_host", OVERRIDE_HOST, {
            override_host_sources: [{ header: "x-tollgate-worker" }],
            fallback_policy: {
              policies: [
                {
                  typed_extension_config: extension("envoy.load_balancing_policies.round_robin", ROUND_ROBIN),
                },
              ],
            },
          }),
        },
      ],
    },
    health_checks: [
      {
        timeout: "1s",
        interval: "2s",
        // Envoy checks an idle cluster once a minute: a Tollgate that came up late would be found late.
        no_traffic_interval: "2s",
        unhealthy_threshold: 2,
        healthy_threshold: 1,
        grpc_health_check: {},
      },
    ],
    load_assignment: assignment(
      "tollgate",
      addresses.map((address) => ({ address: envoyAddress(address) })),
    ),
  };
}

/**
 * Envoy's own limits are 1024 calls at once, of which three may be retries: a provider that fails under load would
 * take its failover with it. What is too much is said by TOLLGATE_MAX_INFLIGHT, in the client's dialect.
 */
function breakers(calls: number): JsonObject {
  const threshold = {
    max_connections: calls,
    max_pending_requests: calls,
    max_requests: calls,
    max_retries: calls,
  };
  return { thresholds: [threshold] };
}

/** As TOLLGATE_MAX_INFLIGHT. */
const MOST_CALLS = 10_000;

function assignment(name: string, endpoints: readonly JsonObject[]): JsonObject {
  return {
    cluster_name: name,
    endpoints: [{ lb_endpoints: endpoints.map((endpoint) => ({ endpoint })) }],
  };
}

function envoyAddress(address: Address): JsonObject {
  const { host, port, path } = parsed(address);
  if (path !== undefined) return { pipe: { path } };
  return { socket_address: { address: host, port_value: port } };
}

function parsed(address: Address): { host: string; port: number; path: string | undefined } {
  if (address.startsWith("unix:")) return { host: "", port: 0, path: address.slice("unix:".length) };
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  if (match === null) throw new Error(`not an address: ${address} (want host:port or unix:/path)`);
  return { host: match[1] ?? match[2] ?? "", port: Number(match[3]), path: undefined };
}
