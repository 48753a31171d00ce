/** Whether the metadata can be read, and whether anything reads it. */
import { PolicyError, type PolicyIssue } from "../../../policy/policy.ts";
import type { GatedRoute } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode, Place } from "../node.ts";

export const policyRules: readonly CheckRule[] = [
  {
    id: "policy-schema",
    severity: "error",
    hint: "docs/policy.md lists every key; a route with a policy that cannot be read answers 500",
    *find({ gates }) {
      for (const { routes } of gates) for (const route of routes) yield* schemaSpots(route);
    },
  },
  {
    id: "policy-unused",
    severity: "warning",
    hint: "give the routes that Tollgate shall govern `tollgate` metadata of their own",
    *find({ gates }) {
      for (const { virtualHosts, routes } of gates) {
        for (const host of virtualHosts) {
          if (host.metadata === undefined || routes.some((route) => route.virtualHost === host)) continue;
          yield {
            at: host.metadata,
            message: "no route here has tollgate metadata, so every call is passed through",
          };
        }
      }
    },
  },
];

function schemaSpots(route: GatedRoute): Spot[] {
  if (!(route.policy instanceof PolicyError)) return [];
  return route.policy.issues.map((issue) => ({
    at: placeOf(issue, route),
    message: `${issue.path === "" ? "" : `${issue.path}: `}${issue.message}`,
  }));
}

/** The key at fault, or the nearest thing above it that is written down. */
function placeOf({ origin, segments = [] }: PolicyIssue, route: GatedRoute): Place {
  let node: ConfigNode =
    (origin === "virtual_host" ? route.virtualHost.metadata : undefined) ?? route.metadata;
  let place: Place = node;
  for (const segment of segments) {
    const entry = typeof segment === "string" ? node.entries().find(({ key }) => key === segment) : undefined;
    const next = typeof segment === "number" ? node.items()[segment] : entry?.value;
    if (next === undefined) break;
    place = entry?.at ?? next;
    node = next;
  }
  return place;
}
