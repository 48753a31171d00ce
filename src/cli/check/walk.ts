/** Finds Tollgate's parts in an Envoy file. What it does not know it walks past. */
import { parsePolicy } from "../../policy/parse.ts";
import { type Policy, PolicyError } from "../../policy/policy.ts";
import type { Cluster, EnvoyConfig, ExchangeFilter, Gate, GatedRoute, VirtualHost } from "./envoy-config.ts";
import type { ConfigNode } from "./node.ts";

export function walk(root: ConfigNode): EnvoyConfig {
  const resources = root.get("resources")?.items() ?? [];
  const statics = root.get("static_resources");
  const ofType = (name: string) => resources.filter((resource) => resource.typeName === name);
  const listeners = [...(statics?.get("listeners")?.items() ?? []), ...ofType("Listener")];
  const clusters = [...(statics?.get("clusters")?.items() ?? []), ...ofType("Cluster")].map(clusterOf);
  const hasClusterDiscovery =
    root.get("dynamic_resources", "cds_config") ?? root.get("dynamic_resources", "ads_config");
  return {
    root,
    isBootstrap: root.entry("resources") === undefined,
    clusters: new Map(clusters.map((cluster) => [cluster.name, cluster])),
    knowsAllClusters: clusters.length > 0 && hasClusterDiscovery === undefined,
    gates: [...listeners.flatMap(gatesOf), ...ofType("RouteConfiguration").map(looseGate)],
  };
}

/** The ExternalProcessor messages in or below a filter that are Tollgate's: they say so in their initial metadata. */
export function tollgateProcessors(filter: ConfigNode): ConfigNode[] {
  return filter
    .descendants()
    .filter((node) => node.typeName === "ExternalProcessor" && node.descendants().some(mentionsTollgate));
}

/** What a processor's stream says it is for; undefined when it does not say. */
export function processorRole(processor: ConfigNode): string | undefined {
  return initialMetadata(processor, "x-tollgate-role")?.get("value")?.text;
}

/** One key of a processor's `initial_metadata`. */
export function initialMetadata(processor: ConfigNode, key: string): ConfigNode | undefined {
  const list = processor.get("grpc_service", "initial_metadata")?.items() ?? [];
  return list.find((header) => header.get("key")?.text?.toLowerCase() === key);
}

function mentionsTollgate(node: ConfigNode): boolean {
  return node.text?.includes("tollgate") ?? false;
}

function clusterOf(node: ConfigNode): Cluster {
  return {
    name: node.get("name")?.text ?? "",
    node,
    httpOptions: node.get(
      "typed_extension_protocol_options",
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    ),
    tls: node
      .get("transport_socket")
      ?.descendants()
      .find((below) => below.typeName === "UpstreamTlsContext"),
  };
}

function gatesOf(listener: ConfigNode): Gate[] {
  return listener
    .descendants()
    .filter((node) => node.typeName === "HttpConnectionManager")
    .map((manager) => managedGate(manager, listener));
}

function managedGate(manager: ConfigNode, listener: ConfigNode): Gate {
  const routing = routingOf(manager.get("route_config"));
  const filters = manager.get("http_filters")?.items() ?? [];
  const router = filters.find((filter) => filter.get("typed_config")?.typeName === "Router");
  return {
    manager,
    listener,
    exchangeFilters: exchangeFilters(filters, routing.routes.length > 0),
    routerUpstreamFilters: router?.get("typed_config", "upstream_http_filters")?.items() ?? [],
    ...routing,
  };
}

function looseGate(routeConfiguration: ConfigNode): Gate {
  return {
    manager: undefined,
    listener: undefined,
    exchangeFilters: [],
    routerUpstreamFilters: [],
    ...routingOf(routeConfiguration),
  };
}

function exchangeFilters(filters: readonly ConfigNode[], hasGatedRoutes: boolean): ExchangeFilter[] {
  const named = (filter: ConfigNode, processor: ConfigNode) => ({
    name: filter.get("name")?.text ?? "envoy.filters.http.ext_proc",
    processor,
  });
  const ours = filters.flatMap((filter) =>
    tollgateProcessors(filter).map((processor) => named(filter, processor)),
  );
  if (ours.length > 0 || !hasGatedRoutes) return ours;
  // With gated routes, an only processor is meant to be ours even when nothing in it says so.
  const direct = filters.flatMap((filter) => {
    const config = filter.get("typed_config");
    return config?.typeName === "ExternalProcessor" ? [named(filter, config)] : [];
  });
  return direct.length === 1 ? direct : [];
}

function routingOf(configuration: ConfigNode | undefined): Pick<Gate, "virtualHosts" | "routes"> {
  const hosts = configuration?.get("virtual_hosts")?.items() ?? [];
  const virtualHosts = hosts.map((node) => ({ node, metadata: tollgateMetadata(node) }));
  const routes = virtualHosts.flatMap((host) =>
    (host.node.get("routes")?.items() ?? []).flatMap((node) => gatedRoute(node, host, configuration) ?? []),
  );
  return { virtualHosts, routes };
}

function gatedRoute(
  node: ConfigNode,
  virtualHost: VirtualHost,
  configuration: ConfigNode | undefined,
): GatedRoute | undefined {
  const metadata = tollgateMetadata(node);
  if (metadata === undefined) return undefined;
  const action = node.get("route");
  return {
    node,
    virtualHost,
    metadata,
    action,
    priorityGroup: action === undefined ? undefined : priorityGroupOf(action, configuration),
    policy: policyOf(metadata, virtualHost.metadata),
  };
}

function tollgateMetadata(node: ConfigNode): ConfigNode | undefined {
  return node.get("metadata", "filter_metadata", "tollgate");
}

function priorityGroupOf(action: ConfigNode, configuration: ConfigNode | undefined): ConfigNode | undefined {
  const name = action.get("cluster_specifier_plugin")?.text;
  const declared = configuration?.get("cluster_specifier_plugins")?.items() ?? [];
  const plugin =
    action.get("inline_cluster_specifier_plugin") ??
    declared.find((candidate) => name !== undefined && candidate.get("extension", "name")?.text === name);
  const config = plugin?.get("extension", "typed_config");
  return config?.typeName === "PriorityGroupClusterSpecifier" ? config : undefined;
}

function policyOf(route: ConfigNode, virtualHost: ConfigNode | undefined): Policy | PolicyError {
  try {
    return parsePolicy(jsonText(route), virtualHost && jsonText(virtualHost));
  } catch (error) {
    if (error instanceof PolicyError) return error;
    if (error instanceof RangeError) return new PolicyError([{ path: "", message: error.message }]);
    throw error;
  }
}

function jsonText(node: ConfigNode): string {
  return JSON.stringify(node.toJson());
}
