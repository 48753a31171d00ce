/** Whether Envoy waits long enough for Tollgate where a policy lets it fetch files. */
import { durationMs } from "../../../policy/duration.ts";
import { patienceMs } from "../../../policy/patience.ts";
import type { EnvoyConfig } from "../envoy-config.ts";
import type { CheckRule } from "../finding.ts";
import type { ConfigNode } from "../node.ts";
import { readableRoutes } from "../target-use.ts";
import { onlyReports } from "../upstream-filters.ts";
import { everyProcessor } from "./processing.ts";

export const patienceRules: readonly CheckRule[] = [
  {
    id: "fetch-patience",
    severity: "warning",
    hint: "set max_message_timeout: 60s beside message_timeout, or a shorter media.fetch.timeout",
    find: (config) => {
      const fetchingMs = longestFetchMs(config);
      return everyProcessor(config, (processor) => {
        if (onlyReports(processor) || fetchingMs === 0) return [];
        const longest = processor.get("max_message_timeout");
        if (ms(longest) >= patienceMs(fetchingMs) || ms(processor.get("message_timeout")) >= fetchingMs)
          return [];
        const message = `media.fetch may take ${fetchingMs / 1000}s, but Envoy does not wait so long for Tollgate`;
        return [{ at: longest ?? processor, message }];
      });
    },
  },
];

/** 0 when no route's policy lets Tollgate fetch anything. */
function longestFetchMs({ gates }: EnvoyConfig): number {
  const timeouts = gates.flatMap(readableRoutes).map(({ policy }) => policy.mediaFetch?.timeoutMs ?? 0);
  return Math.max(0, ...timeouts);
}

function ms(node: ConfigNode | undefined): number {
  return durationMs(node?.text ?? "") ?? 0;
}
