/** What happens to a call when Tollgate is down and the route lets it pass. */
import type { DialectName } from "../../../conversation/parts.ts";
import type { Policy } from "../../../policy/policy.ts";
import { provider } from "../../../providers/registry.ts";
import type { Gate, GatedRoute } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode } from "../node.ts";
import { type ReadableRoute, readableRoutes } from "../target-use.ts";

/** Where the clients of each dialect send their calls. */
const endpoints: Readonly<Partial<Record<DialectName, string>>> = {
  "openai-chat": "/v1/chat/completions",
  anthropic: "/v1/messages",
};

export const failOpenRules: readonly CheckRule[] = [
  {
    id: "fail-open-translated",
    severity: "error",
    hint: "set failure_mode_allow: false, or let the default group be a target that takes the call as the client wrote it",
    *find({ gates }) {
      for (const gate of gates) for (const route of readableRoutes(gate)) yield* spotsOf(gate, route);
    },
  },
];

function spotsOf(gate: Gate, route: ReadableRoute): Spot[] {
  const switchNode = failsOpen(gate, route);
  const cluster = route.priorityGroup
    ?.get("priority_groups")
    ?.items()[0]
    ?.get("clusters")
    ?.items()[0]
    ?.get("cluster_name");
  const settings = route.policy.targets.get(cluster?.text ?? "");
  const spoken = settings && provider(settings.provider)?.dialect;
  if (switchNode === undefined || cluster?.text === undefined || spoken === undefined) return [];
  const foreign = clientDialects(route.node.get("match")).filter((dialect) => dialect !== spoken);
  if (foreign.length > 0) {
    const message = `failure_mode_allow is true, but default target "${cluster.text}" speaks ${spoken} and clients may speak ${foreign.join(", ")}`;
    return [{ at: switchNode, message }];
  }
  const renamed = renamedModel(route.policy, cluster.text);
  if (renamed === undefined) return [];
  const message = `failure_mode_allow is true, but default target "${cluster.text}" knows model "${renamed}" by another name`;
  return [{ at: switchNode, message, severity: "warning" }];
}

/** The switch that lets calls pass, if it is on for this route; the route's own wins. */
function failsOpen({ exchangeFilters }: Gate, { node }: GatedRoute): ConfigNode | undefined {
  for (const { name, processor } of exchangeFilters) {
    const own = node.get("typed_per_filter_config", name, "overrides", "failure_mode_allow");
    const deciding = own ?? processor.get("failure_mode_allow");
    if (deciding?.isTrue) return deciding;
  }
  return undefined;
}

/** The dialects whose endpoint a route's match lets in; all of them when that cannot be told. */
function clientDialects(match: ConfigNode | undefined): DialectName[] {
  const prefix = (match?.get("prefix") ?? match?.get("path_separated_prefix"))?.text;
  const path = match?.get("path")?.text;
  const all = Object.keys(endpoints) as DialectName[];
  const admitted = all.filter((dialect) =>
    path !== undefined ? endpoints[dialect] === path : endpoints[dialect]?.startsWith(prefix ?? ""),
  );
  return admitted.length > 0 ? admitted : all;
}

function renamedModel(policy: Policy, cluster: string): string | undefined {
  const renaming = policy.models.find(({ pattern, targets }) =>
    targets.some(
      (target) => target.cluster === cluster && target.model !== undefined && target.model !== pattern,
    ),
  );
  return renaming?.pattern;
}
