/** Mistakes in a gated route. */
import type { Case } from "./case.ts";

export const routeCases: readonly Case[] = [
  {
    id: "retry-after",
    what: "without back-off",
    severity: "warning",
    edits: [[/ +rate_limited_retry_back_off:\n.*\n.*\n/, ""]],
    line: "retry_on",
  },
  {
    id: "priority-group-missing",
    what: "a plain cluster",
    edits: [[/inline_cluster_specifier_plugin:[\s\S]*?(?= +retry_policy:)/, "cluster: openai\n"]],
    line: "cluster: openai",
  },
  {
    id: "override-namespace",
    what: "another",
    edits: [["override_metadata_namespace: tollgate.targets", "override_metadata_namespace: tollgate"]],
    line: "override_metadata_namespace",
  },
  {
    id: "retry-policy-missing",
    what: "several targets",
    edits: [[/ +retry_policy:\n( {30}.*\n)+/, ""]],
    line: "auto_host_rewrite",
  },
  {
    id: "refresh-cluster-on-retry",
    what: "absent",
    edits: [[/ +refresh_cluster_on_retry: true\n/, ""]],
    line: "retry_on",
  },
  {
    id: "too-few-retries",
    what: "none",
    severity: "warning",
    edits: [["num_retries: 3", "num_retries: 0"]],
    line: "num_retries",
  },
  {
    id: "too-few-retries",
    what: "attempts of the model",
    severity: "warning",
    edits: [["strategy: fallback", "attempts: 1"]],
    line: "num_retries",
  },
  {
    id: "request-attempt-count",
    what: "absent",
    edits: [["include_request_attempt_count: true", "require_tls: NONE"]],
    line: "- name: llm",
  },
  { id: "path-rewrite", what: "absent", edits: [[/ +path_rewrite:.*\n/, ""]], line: "auto_host_rewrite" },
  {
    id: "path-rewrite",
    what: "of something else",
    edits: [["%REQ(x-tollgate-path)%", "/v1/messages"]],
    line: "path_rewrite",
  },
  { id: "host-rewrite", what: "absent", edits: [[/ +auto_host_rewrite: true\n/, ""]], line: "path_rewrite" },
  {
    id: "endpoint-hostname",
    what: "absent with an address",
    edits: [[/ +hostname: api.openai.com\n/, ""]],
    line: "port_value: 9101",
  },
  {
    id: "route-timeout",
    what: "Envoy's default",
    severity: "warning",
    edits: [[/ {28}timeout: 300s\n/, ""]],
    line: "auto_host_rewrite",
  },
  {
    id: "route-timeout",
    what: "short",
    severity: "warning",
    edits: [
      [
        "  timeout: 300s\n                            inline",
        "  timeout: 10s\n                            inline",
      ],
    ],
    line: "timeout: 10s",
  },
  {
    id: "fail-open-translated",
    what: "a route for both dialects",
    edits: [["failure_mode_allow: false", "failure_mode_allow: true"]],
    line: "failure_mode_allow: true",
  },
  {
    id: "fail-open-translated",
    what: "a default that speaks another dialect",
    edits: [
      ["failure_mode_allow: false", "failure_mode_allow: true"],
      ['prefix: "/v1/"', "path: /v1/messages"],
    ],
    line: "failure_mode_allow: true",
  },
  {
    id: "fail-open-translated",
    what: "switched on by the route",
    edits: [
      [
        "request_body_buffer_limit: 67108864",
        "request_body_buffer_limit: 67108864\n                          typed_per_filter_config: { envoy.filters.http.ext_proc: { overrides: { failure_mode_allow: true } } }",
      ],
    ],
    line: "failure_mode_allow: true",
  },
  {
    id: "fail-open-translated",
    what: "a default that names the model otherwise",
    severity: "warning",
    edits: [
      ["failure_mode_allow: false", "failure_mode_allow: true"],
      ['prefix: "/v1/"', "path: /v1/chat/completions"],
      ["cluster: openai, model: gpt-4o", "cluster: openai, model: gpt-4o-2024-11-20"],
    ],
    line: "failure_mode_allow: true",
  },
];
