/** What the exchange stream says when it opens: which role, which route, which policy. */
import type { EnvoyConfig, Gate } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode } from "../node.ts";
import { initialMetadata } from "../walk.ts";
import { eachFilter } from "./exchange-filter.ts";

const routePolicy = "%METADATA(ROUTE:tollgate)%";
const hostPolicy = "%METADATA(VIRTUAL_HOST:tollgate)%";

export const openingRules: readonly CheckRule[] = [
  {
    id: "role-header",
    severity: "error",
    hint: "add {key: x-tollgate-role, value: exchange}: it tells a lost policy from no policy",
    find: (config) => opened(config, "x-tollgate-role", (value) => value === "exchange"),
  },
  {
    id: "policy-header",
    severity: "error",
    hint: `add {key: x-tollgate-policy, value: "route:${routePolicy}"}`,
    find: (config) => opened(config, "x-tollgate-policy", (value) => value.includes(routePolicy)),
  },
  {
    id: "defaults-header",
    severity: "error",
    hint: `add {key: x-tollgate-defaults, value: "virtual_host:${hostPolicy}"}`,
    find: (config) => opened(config, "x-tollgate-defaults", (value) => value.includes(hostPolicy)),
  },
  {
    id: "policy-header-prefix",
    severity: "error",
    hint: `write "route:${routePolicy}" and "virtual_host:${hostPolicy}": Envoy omits a key whose value is empty, and a missing policy is refused`,
    find: (config) =>
      eachFilter(config, ({ processor, name }, gate) => [
        ...unprefixed(processor, "x-tollgate-policy", routePolicy, openRoute(gate, name)),
        ...unprefixed(processor, "x-tollgate-defaults", hostPolicy, gate.routes.find(hasNoDefaults)?.node),
      ]),
  },
  {
    id: "route-header",
    severity: "warning",
    hint: 'add {key: x-tollgate-route, value: "%ROUTE_NAME%"}: logs and metrics name the route by it',
    find: (config) => opened(config, "x-tollgate-route", (value) => value !== ""),
  },
  {
    id: "client-ip-header",
    severity: "warning",
    hint: 'add {key: x-tollgate-client-ip, value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"}',
    find: (config) => opened(config, "x-tollgate-client-ip", (value) => value !== ""),
  },
];

/** A spot where the key is missing, or holds something else. */
function opened(config: EnvoyConfig, key: string, isRight: (value: string) => boolean): Spot[] {
  return eachFilter(config, ({ processor }) => {
    const header = initialMetadata(processor, key);
    const value = header?.get("value")?.text;
    if (value !== undefined && isRight(value)) return [];
    const at = header ?? processor.get("grpc_service", "initial_metadata") ?? processor;
    return [
      {
        at,
        message: header === undefined ? `initial_metadata lacks ${key}` : `${key} holds "${value ?? ""}"`,
      },
    ];
  });
}

/** A spot when the whole value is what Envoy leaves out for some route. */
function unprefixed(
  processor: ConfigNode,
  key: string,
  value: string,
  route: ConfigNode | undefined,
): Spot[] {
  const header = initialMetadata(processor, key);
  if (header === undefined || route === undefined || header.get("value")?.text !== value) return [];
  return [
    { at: header, message: `${key} is empty for the route in line ${route.line}, so its calls are refused` },
  ];
}

/** A route without a policy whose calls go through the filter all the same. */
function openRoute({ virtualHosts, routes }: Gate, filter: string): ConfigNode | undefined {
  const gated = new Set(routes.map(({ node }) => node.identity));
  return virtualHosts
    .flatMap(({ node }) => node.get("routes")?.items() ?? [])
    .find(
      (route) =>
        !gated.has(route.identity) && !route.get("typed_per_filter_config", filter, "disabled")?.isTrue,
    );
}

function hasNoDefaults({ virtualHost }: Gate["routes"][number]): boolean {
  return virtualHost.metadata === undefined;
}
