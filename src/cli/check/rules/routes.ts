/** Path, host and patience of a gated route. */
import { isIP } from "node:net";
import { durationMs } from "../../../policy/duration.ts";
import type { CheckRule } from "../finding.ts";
import type { ConfigNode } from "../node.ts";
import { clusterUses } from "../target-use.ts";
import { eachRoute } from "./retries.ts";

/** Long answers stream for minutes. */
const shortestRouteTimeoutMs = 60_000;

const pathHeader = /%REQ\(x-tollgate-path(?:\)|[?:].*\))(?::\d+)?%/i;

export const routeRules: readonly CheckRule[] = [
  {
    id: "path-rewrite",
    severity: "error",
    hint: 'set path_rewrite: "%REQ(x-tollgate-path)%" on the route; without the header the path stays',
    find: (config) =>
      eachRoute(config, ({ action }) => {
        const rewrite = action?.get("path_rewrite");
        if (action === undefined || pathHeader.test(rewrite?.text ?? "")) return [];
        return [
          {
            at: rewrite ?? action,
            message: "the first target is asked at the client's path, not at its own",
          },
        ];
      }),
  },
  {
    id: "host-rewrite",
    severity: "error",
    hint: "set auto_host_rewrite: true on the route",
    find: (config) =>
      eachRoute(config, ({ action, policy }) => {
        if (action === undefined || action.get("auto_host_rewrite")?.isTrue) return [];
        const other = action.entries().find(({ key }) => /^host_?rewrite/i.test(key));
        if (other !== undefined && policy.targets.size === 1) return [];
        return [{ at: other?.at ?? action, message: "targets do not get a Host header of their own" }];
      }),
  },
  {
    id: "endpoint-hostname",
    severity: "error",
    hint: "set hostname on the endpoint, e.g. api.openai.com",
    *find(config) {
      for (const { cluster, route } of clusterUses(config)) {
        if (!route.action?.get("auto_host_rewrite")?.isTrue) continue;
        const endpoints = cluster.node.get("load_assignment")?.descendants() ?? [];
        for (const endpoint of endpoints.flatMap((node) => node.get("endpoint") ?? [])) {
          if (hasHostname(endpoint, cluster.node)) continue;
          yield { at: endpoint, message: `target "${cluster.name}" has no hostname for its Host header` };
        }
      }
    },
  },
  {
    id: "route-timeout",
    severity: "warning",
    hint: "set timeout: 300s, or 0s and rely on stream_idle_timeout",
    find: (config) =>
      eachRoute(config, ({ action }) => {
        if (action === undefined) return [];
        const timeout = action.get("timeout");
        const ms = timeout === undefined ? 15_000 : durationMs(timeout.text ?? "");
        if (ms === undefined || ms === 0 || ms >= shortestRouteTimeoutMs) return [];
        const written = timeout === undefined ? "Envoy's default of 15s" : timeout.text;
        return [{ at: timeout ?? action, message: `the route's timeout, ${written}, cuts long answers off` }];
      }),
  },
];

/** Clusters that resolve a name use that name as the host, unless told another. */
function hasHostname(endpoint: ConfigNode, cluster: ConfigNode): boolean {
  if ((endpoint.get("hostname")?.text ?? "") !== "") return true;
  const address = endpoint.get("address", "socket_address", "address")?.text ?? "";
  const resolves =
    ["STRICT_DNS", "LOGICAL_DNS"].includes(cluster.get("type")?.text ?? "") ||
    cluster.get("cluster_type", "typed_config")?.typeName === "DnsCluster";
  return resolves && address !== "" && isIP(address) === 0;
}
