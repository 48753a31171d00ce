/** The attempt filter: on every target that can follow another, before credentials are added and headers hidden. */
import type { EnvoyConfig } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode } from "../node.ts";
import { clusterUses, type TargetUse } from "../target-use.ts";
import { type UpstreamFilter, type UpstreamFilterRole, upstreamFilters } from "../upstream-filters.ts";
import { initialMetadata, tollgateProcessors } from "../walk.ts";
import { without } from "./exchange-filter.ts";

const worker = "%DYNAMIC_METADATA(tollgate:worker)%";
const exchange = "%DYNAMIC_METADATA(tollgate:exchange)%";

export const attemptRules: readonly CheckRule[] = [
  {
    id: "attempt-filter-missing",
    severity: "error",
    hint: "add the attempt filter to the cluster's http_filters, first of all: ext_proc with x-tollgate-role: attempt, inside match and composite",
    find: (config) =>
      eachCluster(config, (filters, { cluster, followsAnother }) => {
        if (!followsAnother || filters.some(({ role }) => role === "attempt")) return [];
        const message = `target "${cluster.name}" can follow another, but no filter writes its request: it would get the other's body, path and credential`;
        return [{ at: cluster.node, message }];
      }),
  },
  {
    id: "attempt-filter-order",
    severity: "error",
    hint: "put the attempt filter first: it removes every credential, and the filters after it add the target's own",
    find: (config) => eachCluster(config, (filters) => after(filters, "attempt", "credential")),
  },
  {
    id: "attempt-filter-hidden",
    severity: "error",
    hint: "put the header_mutation after the attempt filter, right before the codec",
    find: (config) => eachCluster(config, (filters) => after(filters, "attempt", "hide")),
  },
  {
    id: "attempt-filter-always",
    severity: "warning",
    hint: "wrap it in match and composite on x-envoy-attempt-count: [2-9]|[1-9][0-9]+",
    find: (config) =>
      eachAttemptFilter(config, (filter) => {
        if (filter.descendants().some(({ typeName }) => typeName === "ExtensionWithMatcher")) return [];
        return [
          { at: filter, message: "the attempt filter opens a second stream for every call, retried or not" },
        ];
      }),
  },
  {
    id: "attempt-headers",
    severity: "error",
    hint: `its initial_metadata holds x-tollgate-role: attempt, x-tollgate-worker: "${worker}" and x-tollgate-exchange: "${exchange}"`,
    find: (config) =>
      eachAttemptFilter(config, (filter) => tollgateProcessors(filter).flatMap(attemptHeaders)),
  },
  {
    id: "attempt-headers-stripped",
    severity: "warning",
    hint: `take them from dynamic metadata, which lasts: "${worker}" and "${exchange}"`,
    find: (config) =>
      eachCluster(config, (filters) =>
        filters
          .flatMap(({ node }) => tollgateProcessors(node))
          .flatMap((processor) =>
            ["x-tollgate-worker", "x-tollgate-exchange"].flatMap((key) => {
              const header = initialMetadata(processor, key);
              if (header === undefined || !/%REQ\(/i.test(header.get("value")?.text ?? "")) return [];
              return [
                {
                  at: header,
                  message: `${key} is read from a request header, which is stripped with the first attempt`,
                },
              ];
            }),
          ),
      ),
  },
  {
    id: "attempt-attributes",
    severity: "error",
    hint: 'set request_attributes: ["xds.cluster_name"]',
    find: (config) =>
      eachAttemptFilter(config, (filter) =>
        tollgateProcessors(filter).flatMap((processor) => {
          const attributes = processor.get("request_attributes");
          if (without(attributes, ["xds.cluster_name"]).length === 0) return [];
          return [
            {
              at: attributes ?? processor,
              message: "the attempt filter does not say which cluster it is for",
            },
          ];
        }),
      ),
  },
];

/** Runs a check on every target's cluster with its filters in order. */
export function eachCluster(
  config: EnvoyConfig,
  check: (filters: readonly UpstreamFilter[], use: TargetUse) => readonly Spot[],
): Spot[] {
  return clusterUses(config).flatMap((use) => check(upstreamFilters(use), use));
}

/** Runs a check on every attempt filter of a target. */
function eachAttemptFilter(config: EnvoyConfig, check: (filter: ConfigNode) => readonly Spot[]): Spot[] {
  return eachCluster(config, (filters) =>
    filters.filter(({ role }) => role === "attempt").flatMap(({ node }) => check(node)),
  );
}

/** A spot when the first filter of one role comes behind one of the other. */
function after(
  filters: readonly UpstreamFilter[],
  late: UpstreamFilterRole,
  early: UpstreamFilterRole,
): Spot[] {
  const lateIndex = filters.findIndex(({ role }) => role === late);
  const earlyIndex = filters.findIndex(({ role }) => role === early);
  const offender = filters[earlyIndex];
  if (offender === undefined || lateIndex < earlyIndex) return [];
  const name = offender.node.get("name")?.text ?? early;
  return [{ at: offender.node, message: `${name} comes before the attempt filter` }];
}

const attemptMetadata: ReadonlyArray<readonly [key: string, value: RegExp]> = [
  ["x-tollgate-role", /^attempt$/],
  ["x-tollgate-exchange", /%REQ\(x-tollgate-exchange\)%|%DYNAMIC_METADATA\(tollgate:exchange\)%/i],
  ["x-tollgate-worker", /%REQ\(x-tollgate-worker\)%|%DYNAMIC_METADATA\(tollgate:worker\)%/i],
];

function attemptHeaders(processor: ConfigNode): Spot[] {
  const list = processor.get("grpc_service", "initial_metadata");
  return attemptMetadata.flatMap(([key, value]) => {
    const header = initialMetadata(processor, key);
    if (value.test(header?.get("value")?.text ?? "")) return [];
    return [
      { at: header ?? list ?? processor, message: `the attempt filter's initial_metadata lacks ${key}` },
    ];
  });
}
