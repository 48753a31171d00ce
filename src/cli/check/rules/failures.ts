/** The filter that tells Tollgate of answers that were no success, and what it steers. */
import type { CheckRule } from "../finding.ts";
import { failsOver, retryPolicy } from "../target-use.ts";
import { onlyReports } from "../upstream-filters.ts";
import { tollgateProcessors } from "../walk.ts";
import { eachCluster } from "./attempts.ts";
import { without } from "./exchange-filter.ts";
import { eachRoute } from "./retries.ts";

const attemptCount = "upstream.request_attempt_count";

export const failureRules: readonly CheckRule[] = [
  {
    id: "failure-filter-missing",
    severity: "warning",
    hint: "add an ext_proc with x-tollgate-role: failed to the cluster's http_filters, inside match and composite, for a :status that does not begin with 2",
    find: (config) =>
      eachCluster(config, (filters, { cluster, followsAnother }) => {
        if (!followsAnother || filters.some(({ role }) => role === "failed")) return [];
        const message = `failures of target "${cluster.name}" stay unknown: no status in x-tollgate-attempts, and its retry-after is not heeded`;
        return [{ at: cluster.node, message }];
      }),
  },
  {
    id: "failure-attributes",
    severity: "error",
    hint: `set response_attributes: ["${attemptCount}"]`,
    find: (config) =>
      eachCluster(config, (filters) =>
        filters
          .flatMap(({ node }) => tollgateProcessors(node))
          .filter(onlyReports)
          .flatMap((processor) => {
            const attributes = processor.get("response_attributes");
            if (without(attributes, [attemptCount]).length === 0) return [];
            return [
              {
                at: attributes ?? processor,
                message: "the filter for failures does not say which attempt failed",
              },
            ];
          }),
      ),
  },
  {
    id: "retry-after",
    severity: "warning",
    hint: "add rate_limited_retry_back_off: {reset_headers: [{name: x-tollgate-retry-in, format: SECONDS}], max_interval: 15s} to the retry_policy",
    find: (config) =>
      eachRoute(config, (route) => {
        const retries = retryPolicy(route);
        if (retries === undefined || !failsOver(route)) return [];
        const headers = retries.get("rate_limited_retry_back_off", "reset_headers")?.items() ?? [];
        if (headers.some((header) => header.get("name")?.text?.toLowerCase() === "x-tollgate-retry-in"))
          return [];
        return [{ at: retries, message: "a target that asks to wait is asked again at once" }];
      }),
  },
];
