/** Whether Envoy tries the targets that Tollgate lists, one after the other. */
import type { EnvoyConfig } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import { failsOver, numRetries, type ReadableRoute, readableRoutes, retryPolicy } from "../target-use.ts";

const targetsNamespace = "tollgate.targets";

export const retryRules: readonly CheckRule[] = [
  {
    id: "priority-group-missing",
    severity: "error",
    hint: "route through inline_cluster_specifier_plugin envoy.router.cluster_specifier_plugin.priority_group",
    find: (config) =>
      eachRoute(config, ({ action, priorityGroup, policy }) => {
        if (action === undefined || priorityGroup !== undefined) return [];
        const cluster = action.get("cluster");
        const isOnlyTarget = policy.targets.size === 1 && policy.targets.has(cluster?.text ?? "");
        return isOnlyTarget
          ? []
          : [{ at: cluster ?? action, message: "the route does not go where Tollgate says" }];
      }),
  },
  {
    id: "override-namespace",
    severity: "error",
    hint: `set override_metadata_namespace: ${targetsNamespace}`,
    *find({ gates }) {
      for (const { priorityGroup } of gates.flatMap(({ routes }) => routes)) {
        const namespace = priorityGroup?.get("override_metadata_namespace");
        if (priorityGroup === undefined || namespace?.text === targetsNamespace) continue;
        const message = `the groups come from "${namespace?.text ?? ""}", where Tollgate writes none`;
        yield { at: namespace ?? priorityGroup, message };
      }
    },
  },
  {
    id: "retry-policy-missing",
    severity: "error",
    hint: 'add retry_policy: {retry_on: "5xx,reset,connect-failure,retriable-status-codes", retriable_status_codes: [408, 424, 429], num_retries: 3, refresh_cluster_on_retry: true}',
    find: (config) =>
      eachRoute(config, (route) => {
        if (route.action === undefined || !failsOver(route) || retryPolicy(route) !== undefined) return [];
        return [
          { at: route.action, message: "a model has several targets, but only the first is ever tried" },
        ];
      }),
  },
  {
    id: "refresh-cluster-on-retry",
    severity: "error",
    hint: "set refresh_cluster_on_retry: true in the retry_policy",
    find: (config) =>
      eachRoute(config, (route) => {
        const retries = retryPolicy(route);
        if (retries === undefined || !failsOver(route)) return [];
        if (retries.get("refresh_cluster_on_retry")?.isTrue) return [];
        return [{ at: retries, message: "retries go to the target that has just failed" }];
      }),
  },
  {
    id: "too-few-retries",
    severity: "warning",
    hint: "raise num_retries, or set attempts on the model",
    find: (config) =>
      eachRoute(config, (route) => {
        const retries = retryPolicy(route);
        if (retries === undefined) return [];
        const tries = numRetries(route) + 1;
        return route.policy.models
          .filter(({ targets, attempts }) => targets.length > (attempts ?? tries))
          .map(({ pattern, targets, attempts }) => ({
            at: retries.get("num_retries") ?? retries,
            message: `model "${pattern}" has ${targets.length} targets but only ${attempts ?? tries} tries`,
          }));
      }),
  },
  {
    id: "request-attempt-count",
    severity: "error",
    hint: "set include_request_attempt_count: true on the virtual host",
    find: (config) =>
      eachRoute(config, (route) => {
        const host = route.virtualHost.node;
        if (!failsOver(route) || host.get("include_request_attempt_count")?.isTrue) return [];
        return [
          {
            at: host,
            message:
              "without x-envoy-attempt-count the attempt filter never runs, and retries carry the first target's request",
          },
        ];
      }),
  },
];

/** Runs a check on every gated route whose policy can be read. */
export function eachRoute({ gates }: EnvoyConfig, check: (route: ReadableRoute) => readonly Spot[]): Spot[] {
  return gates.flatMap(readableRoutes).flatMap(check);
}
