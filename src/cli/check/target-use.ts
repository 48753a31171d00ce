/** Which clusters serve models, and how: what a cluster needs depends on when it can be asked. */
import { type Policy, PolicyError, type Target } from "../../policy/policy.ts";
import type { Cluster, EnvoyConfig, Gate, GatedRoute } from "./envoy-config.ts";
import type { ConfigNode } from "./node.ts";

export interface TargetUse {
  readonly gate: Gate;
  readonly route: GatedRoute;
  readonly pattern: string;
  readonly target: Target;
  readonly cluster: Cluster;
  /** It can be asked after another target has failed, so its request must be written anew. */
  readonly followsAnother: boolean;
}

/** A gated route whose policy can be read. */
export interface ReadableRoute extends GatedRoute {
  readonly policy: Policy;
}

/** The gated routes whose policy can be read. */
export function readableRoutes(gate: Gate): ReadableRoute[] {
  return gate.routes.flatMap((route) =>
    route.policy instanceof PolicyError ? [] : [{ ...route, policy: route.policy }],
  );
}

/** True when some model of the route has more than one target. */
export function failsOver(route: ReadableRoute): boolean {
  return route.policy.models.some(({ targets }) => targets.length > 1);
}

/** Every known cluster that a model or a call without one names, once per model and position. */
function targetUses(config: EnvoyConfig): TargetUse[] {
  return config.gates.flatMap((gate) =>
    readableRoutes(gate).flatMap((route) => [
      ...usesOf(config, gate, route),
      ...callUses(config, gate, route),
    ]),
  );
}

/** Nothing follows such a call, and it follows nothing. */
function callUses(config: EnvoyConfig, gate: Gate, route: ReadableRoute): TargetUse[] {
  return (route.policy.calls ?? []).flatMap(({ pattern, cluster: name, settings }) => {
    const cluster = config.clusters.get(name);
    if (cluster === undefined) return [];
    const rest = { model: undefined, weight: 1, maxTokens: undefined, accepts: undefined };
    const target = { cluster: name, settings, ...rest };
    return [{ gate, route, pattern, target, cluster, followsAnother: false }];
  });
}

function usesOf(config: EnvoyConfig, gate: Gate, route: ReadableRoute): TargetUse[] {
  return route.policy.models.flatMap(({ pattern, strategy, targets, attempts }) =>
    targets.flatMap((target, index) => {
      const cluster = config.clusters.get(target.cluster);
      if (cluster === undefined) return [];
      // The chain is repeated when there are more tries than targets.
      const comesRound = (attempts ?? numRetries(route) + 1) > targets.length;
      const followsAnother = targets.length > 1 && (index > 0 || strategy === "split" || comesRound);
      return [{ gate, route, pattern, target, cluster, followsAnother }];
    }),
  );
}

/** The route's own, else its virtual host's. */
export function retryPolicy(route: GatedRoute): ConfigNode | undefined {
  return route.action?.get("retry_policy") ?? route.virtualHost.node.get("retry_policy");
}

/** Source of the default: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto */
export function numRetries(route: GatedRoute): number {
  return retryPolicy(route)?.get("num_retries")?.number ?? 1;
}

/** One per cluster and set of filters, the most demanding use first. */
export function clusterUses(config: EnvoyConfig): TargetUse[] {
  const byCluster = new Map<string, TargetUse>();
  for (const use of targetUses(config)) {
    const key = `${config.gates.indexOf(use.gate)} ${use.cluster.name}`;
    const known = byCluster.get(key);
    if (known === undefined || (use.followsAnother && !known.followsAnother)) byCluster.set(key, use);
  }
  return [...byCluster.values()];
}
