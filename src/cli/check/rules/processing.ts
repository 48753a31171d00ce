/** What each of Tollgate's processors sees of a call and may change in it. */

import { durationMs } from "../../../policy/duration.ts";
import type { EnvoyConfig } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode } from "../node.ts";
import { onlyReports } from "../upstream-filters.ts";
import { tollgateProcessors } from "../walk.ts";
import { eachFilter } from "./exchange-filter.ts";

/** Encoding a large request takes long on a busy machine; Envoy's default of 200 ms fails calls then. */
const shortestMessageTimeoutMs = 1000;

export const processingRules: readonly CheckRule[] = [
  {
    id: "mode-override",
    severity: "error",
    hint: "set allow_mode_override: true",
    find: (config) =>
      everyProcessor(config, (processor) => {
        if (onlyReports(processor) || processor.get("allow_mode_override")?.isTrue) return [];
        return [
          {
            at: processor,
            message: "without allow_mode_override Tollgate cannot end its part of a call early",
          },
        ];
      }),
  },
  {
    id: "mutation-rules",
    severity: "error",
    hint: "set mutation_rules: {allow_all_routing: true, allow_envoy: true}",
    find: (config) =>
      everyProcessor(config, (processor) => {
        const rules = processor.get("mutation_rules");
        const missing = ["allow_all_routing", "allow_envoy"].filter((name) => !rules?.get(name)?.isTrue);
        if (missing.length === 0) return [];
        return [
          {
            at: rules ?? processor,
            message: `Envoy ignores what Tollgate sets without ${missing.join(" and ")}`,
          },
        ];
      }),
  },
  {
    id: "header-modes",
    severity: "error",
    hint: "set request_header_mode and response_header_mode to SEND",
    find: (config) =>
      eachFilter(config, ({ processor }) =>
        ["request_header_mode", "response_header_mode"].flatMap((name) => {
          const mode = processor.get("processing_mode", name);
          return mode?.text === "SKIP"
            ? [{ at: mode, message: `${name} is SKIP, so Tollgate never sees them` }]
            : [];
        }),
      ),
  },
  {
    id: "request-body-mode",
    severity: "error",
    hint: "set processing_mode.request_body_mode: BUFFERED; streamed modes duplicate the body on retry",
    find: (config) =>
      everyProcessor(config, (processor) =>
        onlyReports(processor) ? [] : bodyMode(processor, "request_body_mode", "BUFFERED"),
      ),
  },
  {
    id: "response-body-mode",
    severity: "error",
    hint: "set processing_mode.response_body_mode: STREAMED; BUFFERED limits the size and holds streams back",
    find: (config) =>
      eachFilter(config, ({ processor }) => bodyMode(processor, "response_body_mode", "STREAMED")),
  },
  {
    id: "message-timeout",
    severity: "warning",
    hint: "set message_timeout: 5s",
    find: (config) =>
      everyProcessor(config, (processor) => {
        const timeout = processor.get("message_timeout");
        const ms = timeout === undefined ? undefined : durationMs(timeout.text ?? "");
        if (timeout === undefined)
          return [{ at: processor, message: "message_timeout is Envoy's default of 200ms" }];
        if (ms === undefined || ms >= shortestMessageTimeoutMs) return [];
        return [{ at: timeout, message: `message_timeout of ${timeout.text} is short for large bodies` }];
      }),
  },
];

/** Exchange filters and attempt filters alike. */
export function everyProcessor(
  config: EnvoyConfig,
  check: (processor: ConfigNode) => readonly Spot[],
): Spot[] {
  const upstream = [
    ...[...config.clusters.values()].flatMap(({ httpOptions }) => httpOptions ?? []),
    ...config.gates.flatMap((gate) => gate.routerUpstreamFilters),
  ];
  return [
    ...eachFilter(config, ({ processor }) => check(processor)),
    ...upstream.flatMap(tollgateProcessors).flatMap(check),
  ];
}

function bodyMode(processor: ConfigNode, name: string, wanted: string): Spot[] {
  const mode = processor.get("processing_mode", name);
  if (mode?.text === wanted) return [];
  const at = mode ?? processor.get("processing_mode") ?? processor;
  return [{ at, message: `${name} is ${mode?.text ?? "NONE"} instead of ${wanted}` }];
}
