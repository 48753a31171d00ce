/** The ext_proc filter in front of the router: what it must send, and what it must let Tollgate do. */
import type { EnvoyConfig, ExchangeFilter, Gate } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode } from "../node.ts";

export const exchangeFilterRules: readonly CheckRule[] = [
  {
    id: "exchange-filter-missing",
    severity: "error",
    hint: "add envoy.filters.http.ext_proc with Tollgate's cluster before the router",
    *find({ gates }) {
      for (const { manager, exchangeFilters, routes } of gates) {
        if (manager === undefined || routes.length === 0 || exchangeFilters.length > 0) continue;
        const at = manager.get("http_filters") ?? manager;
        yield { at, message: "routes have tollgate metadata, but no ext_proc filter asks Tollgate" };
      }
    },
  },
  {
    id: "exchange-filter-disabled",
    severity: "error",
    hint: "remove the override, or the route's tollgate metadata",
    *find({ gates }) {
      for (const { exchangeFilters, routes } of gates) {
        for (const { name } of exchangeFilters) {
          for (const { node } of routes) {
            const disabled = node.get("typed_per_filter_config", name, "disabled");
            if (disabled?.isTrue)
              yield { at: disabled, message: "the route has a policy, but its filter is disabled" };
          }
        }
      }
    },
  },
  {
    id: "receiving-namespaces",
    severity: "error",
    hint: 'set metadata_options.receiving_namespaces: {untyped: ["tollgate", "tollgate.targets"]}',
    find: (config) =>
      eachFilter(config, ({ processor }) => {
        const received = processor.get("metadata_options", "receiving_namespaces", "untyped");
        const missing = without(received, ["tollgate", "tollgate.targets"]);
        if (missing.length === 0) return [];
        return [
          {
            at: received ?? processor,
            message: `Envoy drops the metadata that Tollgate sends in ${missing.join(" and ")}`,
          },
        ];
      }),
  },
  {
    id: "forwarded-namespaces",
    severity: "error",
    hint: "remove metadata_options.forwarding_namespaces: the policy comes once, in the initial metadata",
    find: (config) =>
      eachFilter(config, ({ processor }) => {
        const forwarded = processor.get("metadata_options", "forwarding_namespaces");
        const isEmpty = forwarded?.entries().every(({ value }) => value.items().length === 0) ?? true;
        if (forwarded === undefined || isEmpty) return [];
        return [
          { at: forwarded, message: "forwarded metadata is sent again with every message of every call" },
        ];
      }),
  },
  {
    id: "response-attributes",
    severity: "error",
    hint: 'set response_attributes: ["response.code_details", "xds.cluster_name"]',
    find: (config) =>
      eachFilter(config, ({ processor }) => {
        const attributes = processor.get("response_attributes");
        const missing = without(attributes, ["response.code_details", "xds.cluster_name"]);
        if (missing.length === 0) return [];
        return [
          {
            at: attributes ?? processor,
            message: `without ${missing.join(" and ")} Tollgate cannot tell which target answered, or whether Envoy did`,
          },
        ];
      }),
  },
];

/** Runs a check on every exchange filter. */
export function eachFilter(
  { gates }: EnvoyConfig,
  check: (filter: ExchangeFilter, gate: Gate) => readonly Spot[],
): Spot[] {
  return gates.flatMap((gate) => gate.exchangeFilters.flatMap((filter) => check(filter, gate)));
}

/** Which of the wanted words a list does not hold. */
export function without(list: ConfigNode | undefined, wanted: readonly string[]): string[] {
  const held = new Set(list?.items().map((item) => item.text));
  return wanted.filter((word) => !held.has(word));
}
