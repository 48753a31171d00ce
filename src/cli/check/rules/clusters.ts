/** Names of clusters, and the cluster of Tollgate itself. */
import { suggestion } from "../../../policy/suggestion.ts";
import type { Cluster, EnvoyConfig, Gate } from "../envoy-config.ts";
import type { CheckRule } from "../finding.ts";
import type { ConfigNode, Place } from "../node.ts";
import { tollgateProcessors } from "../walk.ts";

export const clusterRules: readonly CheckRule[] = [
  {
    id: "unknown-cluster",
    severity: "error",
    hint: "declare the cluster, or correct the name",
    *find(config) {
      if (!config.knowsAllClusters) return;
      for (const { name, at } of namedClusters(config)) {
        if (config.clusters.has(name)) continue;
        yield { at, message: `there is no cluster "${name}"${suggestion(name, config.clusters.keys())}` };
      }
    },
  },
  {
    id: "grpc-cluster-http2",
    severity: "error",
    hint: "add explicit_http_config: {http2_protocol_options: {}} to the cluster's HttpProtocolOptions",
    *find(config) {
      for (const { node, name, httpOptions } of tollgateClusters(config)) {
        const isHttp2 =
          node.get("http2_protocol_options") !== undefined ||
          (httpOptions?.descendants().some((below) => below.get("http2_protocol_options") !== undefined) ??
            false);
        if (!isHttp2)
          yield { at: node, message: `cluster "${name}" speaks gRPC to Tollgate but is not set to HTTP/2` };
      }
    },
  },
];

function* namedClusters(config: EnvoyConfig): Iterable<{ name: string; at: Place }> {
  for (const gate of config.gates) {
    for (const metadata of metadataOf(gate)) {
      for (const { key, at } of metadata.get("targets")?.entries() ?? []) yield { name: key, at };
    }
    for (const { priorityGroup } of gate.routes) {
      for (const entry of groupClusters(priorityGroup)) {
        if (entry.text !== undefined) yield { name: entry.text, at: entry };
      }
    }
  }
  for (const entry of grpcClusterNames(config)) {
    if (entry.text !== undefined) yield { name: entry.text, at: entry };
  }
}

function metadataOf({ routes }: Gate): ConfigNode[] {
  return routes.flatMap((route) => [route.metadata, route.virtualHost.metadata ?? []].flat());
}

/** The `cluster_name` of each member of each group. */
function groupClusters(priorityGroup: ConfigNode | undefined): ConfigNode[] {
  const groups = priorityGroup?.get("priority_groups")?.items() ?? [];
  return groups.flatMap((group) =>
    (group.get("clusters")?.items() ?? []).flatMap((member) => member.get("cluster_name") ?? []),
  );
}

function grpcClusterNames({ gates, clusters }: EnvoyConfig): ConfigNode[] {
  const processors = [
    ...gates.flatMap((gate) => gate.exchangeFilters.map(({ processor }) => processor)),
    ...[...clusters.values()].flatMap(({ httpOptions }) =>
      httpOptions === undefined ? [] : tollgateProcessors(httpOptions),
    ),
  ];
  return processors.flatMap((processor) => processor.get("grpc_service", "envoy_grpc", "cluster_name") ?? []);
}

function tollgateClusters(config: EnvoyConfig): Cluster[] {
  const names = new Set(grpcClusterNames(config).map((name) => name.text ?? ""));
  return [...names].flatMap((name) => config.clusters.get(name) ?? []);
}
