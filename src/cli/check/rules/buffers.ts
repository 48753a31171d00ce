/** Three limits that must agree: a request body waits in the listener's buffer, in the route's and in the cluster's. */
import type { Cluster, EnvoyConfig, Gate, GatedRoute } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode, Place } from "../node.ts";
import { clusterUses } from "../target-use.ts";

/** The largest request body that Tollgate takes unless told otherwise. */
const bodyLimitBytes = 64 * 1024 * 1024;

const perConnection = "per_connection_buffer_limit_bytes";
const perRequest = "request_body_buffer_limit";

interface BufferLimit {
  readonly field: string;
  readonly of: string;
  readonly owner: Place;
  readonly node: ConfigNode | undefined;
}

export const bufferRules: readonly CheckRule[] = [
  {
    id: "buffer-limit-missing",
    severity: "error",
    hint: `set it to ${bodyLimitBytes}, the largest body that Tollgate takes`,
    *find(config) {
      for (const { field, of, owner, node } of limits(config)) {
        if (node !== undefined) continue;
        yield { at: owner, message: `${of} has no ${field}: bodies over 1 MiB are refused with 413` };
      }
    },
  },
  {
    id: "buffer-limit-small",
    severity: "warning",
    hint: `set it to ${bodyLimitBytes}, or lower Tollgate's own limit to match`,
    *find(config) {
      for (const { field, of, node } of limits(config)) {
        const bytes = node?.number;
        if (node === undefined || bytes === undefined || bytes >= bodyLimitBytes) continue;
        yield {
          at: node,
          message: `${field} of ${of} is under the largest body that Tollgate takes (${bodyLimitBytes})`,
        };
      }
    },
  },
  {
    id: "buffer-limit-inconsistent",
    severity: "error",
    hint: "give listener, route and clusters the same limit",
    find: inconsistencies,
  },
];

function* inconsistencies(config: EnvoyConfig): Iterable<Spot> {
  for (const gate of config.gates) {
    for (const route of gate.routes) {
      const wanted = routeLimit(route).node?.number;
      const others = [gate.listener && listenerLimit(gate.listener), ...clusterLimits(config, gate)];
      for (const other of others) {
        const bytes = other?.node?.number;
        if (wanted === undefined || other?.node === undefined || bytes === undefined || bytes >= wanted)
          continue;
        yield {
          at: other.node,
          message: `${other.of} buffers ${bytes} bytes, but a route lets ${wanted} in`,
        };
      }
    }
  }
}

/** Every limit that a gated call meets. */
function limits(config: EnvoyConfig): BufferLimit[] {
  return config.gates
    .filter(({ routes }) => routes.length > 0)
    .flatMap((gate) => [
      ...(gate.listener === undefined ? [] : [listenerLimit(gate.listener)]),
      ...gate.routes.filter(({ action }) => action !== undefined).map(routeLimit),
      ...clusterLimits(config, gate),
    ]);
}

function listenerLimit(listener: ConfigNode): BufferLimit {
  const of = `listener "${listener.get("name")?.text ?? ""}"`;
  return { field: perConnection, of, owner: listener, node: listener.get(perConnection) };
}

/** The older name means the same where the new one is not set. */
function routeLimit({ node, virtualHost }: GatedRoute): BufferLimit {
  const owners = [node, virtualHost.node];
  const limit = [perRequest, "per_request_buffer_limit_bytes"].flatMap((name) =>
    owners.flatMap((owner) => owner.get(name) ?? []),
  );
  return { field: perRequest, of: `route "${node.get("name")?.text ?? ""}"`, owner: node, node: limit[0] };
}

function clusterLimits(config: EnvoyConfig, gate: Gate): BufferLimit[] {
  const clusters = new Set<Cluster>(
    clusterUses(config).flatMap((use) => (use.gate === gate ? [use.cluster] : [])),
  );
  return [...clusters].map(({ name, node }) => ({
    field: perConnection,
    of: `cluster "${name}"`,
    owner: node,
    node: node.get(perConnection),
  }));
}
