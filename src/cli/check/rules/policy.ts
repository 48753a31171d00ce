/** Whether the metadata can be read, and whether anything reads it. */
import { PolicyError, type PolicyIssue } from "../../../policy/policy.ts";
import type { Gate, GatedRoute } from "../envoy-config.ts";
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
    id: "policy-not-ascii",
    severity: "error",
    hint: "use names of ASCII characters",
    *find({ gates }) {
      for (const metadata of gates.flatMap(metadataOf)) {
        // What is at fault is one text: the gRPC library drops a header that has a single such byte.
        const culprit = metadata
          .descendants()
          .find((node) => isBeyondAscii(node.text) || node.entries().some(({ key }) => isBeyondAscii(key)));
        if (culprit === undefined) continue;
        yield {
          at: culprit,
          message:
            "characters that are not ASCII get lost between Envoy and Tollgate, and the policy with them: every call is refused",
        };
      }
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

/** What is sent to Tollgate with a call. */
function metadataOf({ routes }: Gate): ConfigNode[] {
  return routes.flatMap(({ metadata, virtualHost }) => [metadata, virtualHost.metadata ?? []].flat());
}

function isBeyondAscii(text: string | undefined): boolean {
  return text !== undefined && /[^\t\n\r -~]/.test(text);
}

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
