/** Mistakes in names, metadata, limits and flags. */
import { type Case, limit } from "./case.ts";

export const configurationCases: readonly Case[] = [
  {
    id: "policy-not-ascii",
    what: "a value",
    edits: [["model: gpt-4o }", "model: modèle }"]],
    line: "modèle",
  },
  { id: "policy-not-ascii", what: "a key", edits: [["gpt-4o:", "modèle:"]], line: "modèle:" },
  {
    id: "merge-key",
    what: "in a cluster",
    edits: [["connect_timeout: 1s", "<<: { connect_timeout: 1s }"]],
    line: "<<:",
  },
  {
    id: "policy-schema",
    what: "misspelt key",
    edits: [["strategy: fallback", "stratgy: fallback"]],
    line: "stratgy:",
  },
  {
    id: "policy-schema",
    what: "unknown provider on the virtual host",
    edits: [["provider: anthropic", "provider: anthropc"]],
    line: "claude: { provider",
  },
  {
    id: "policy-schema",
    what: "target that is not in targets",
    edits: [["{ cluster: claude, model", "{ cluster: cloude, model"]],
    line: "cluster: cloude",
  },
  {
    id: "policy-unused",
    what: "metadata on the virtual host alone",
    severity: "warning",
    edits: [
      [
        / {26}metadata:\n {28}filter_metadata:\n {30}tollgate:\n {32}models:[\s\S]*?(?= {26}request_body_buffer_limit)/,
        "",
      ],
    ],
    line: "targets:",
  },
  {
    id: "unknown-cluster",
    what: "in targets",
    edits: [
      [
        "claude: { provider: anthropic }",
        "claude: { provider: anthropic }\n                              gemini: { provider: openai-compatible }",
      ],
    ],
    line: "gemini:",
  },
  {
    id: "unknown-cluster",
    what: "in a priority group",
    edits: [["cluster_name: openai, weight", "cluster_name: opnai, weight"]],
    line: "opnai",
  },
  {
    id: "unknown-cluster",
    what: "of the filter",
    edits: [["envoy_grpc: { cluster_name: tollgate }", "envoy_grpc: { cluster_name: tolgate }"]],
    line: "tolgate",
  },
  {
    id: "grpc-cluster-http2",
    what: "HTTP/1 to Tollgate",
    edits: [
      [
        "explicit_http_config: { http2_protocol_options: {} }",
        "explicit_http_config: { http_protocol_options: {} }",
      ],
    ],
    line: "name: tollgate",
  },
  {
    id: "buffer-limit-missing",
    what: "on the listener",
    edits: [[`      ${limit}\n`, ""]],
    line: "- name: llm",
  },
  {
    id: "buffer-limit-missing",
    what: "on the route",
    edits: [[/ +request_body_buffer_limit.*\n/, ""]],
    line: "- name: gated",
  },
  {
    id: "buffer-limit-missing",
    what: "on a cluster",
    edits: [[`connect_timeout: 2s\n      ${limit}`, "connect_timeout: 2s"]],
    line: "- name: openai",
  },
  {
    id: "buffer-limit-small",
    what: "everywhere",
    severity: "warning",
    edits: [
      [limit, limit.replace("67108864", "33554432")],
      ["request_body_buffer_limit: 67108864", "request_body_buffer_limit: 33554432"],
    ],
    line: "per_connection_buffer_limit_bytes: 33554432",
  },
  {
    id: "buffer-limit-inconsistent",
    what: "a listener below the route",
    edits: [[limit, limit.replace("67108864", "1048576")]],
    line: "1048576",
    also: ["buffer-limit-small"],
  },
  {
    id: "buffer-limit-inconsistent",
    what: "a cluster below the route",
    edits: [[`2s\n      ${limit}`, `2s\n      ${limit.replace("67108864", "1048576")}`]],
    line: "1048576",
    also: ["buffer-limit-small"],
  },
  {
    id: "graceful-grpc-close",
    what: "absent",
    edits: [[/ +envoy.reloadable_features.ext_proc_graceful_grpc_close: true\n/, ""]],
    line: "layers:",
  },
  {
    id: "graceful-grpc-close",
    what: "off",
    edits: [["graceful_grpc_close: true", "graceful_grpc_close: false"]],
    line: "false",
  },
  {
    id: "graceful-grpc-close",
    what: "perhaps in a layer from elsewhere",
    severity: "warning",
    edits: [["static_layer:", "disk_layer:"]],
    line: "layers:",
  },
];
