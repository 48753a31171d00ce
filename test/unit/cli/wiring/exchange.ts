/** Mistakes in the filter in front of the router. */
import type { Case } from "./case.ts";

export const exchangeCases: readonly Case[] = [
  {
    id: "policy-header-prefix",
    what: "a route without a policy",
    edits: [
      ["route:%METADATA", "%METADATA"],
      [
        "routes:",
        "routes:\n                        - { match: { path: /health }, route: { cluster: openai } }",
      ],
    ],
    line: "x-tollgate-policy",
  },
  {
    id: "policy-header-prefix",
    what: "a virtual host without a policy",
    edits: [
      ["virtual_host:%METADATA", "%METADATA"],
      [/ {22}metadata:\n( {24}.*\n)+/, ""],
      [
        "models:",
        "targets: { openai: { provider: openai }, claude: { provider: anthropic } }\n                                models:",
      ],
    ],
    line: "x-tollgate-defaults",
  },
  {
    id: "exchange-filter-missing",
    what: "no ext_proc",
    edits: [
      [/ {18}- name: envoy.filters.http.ext_proc[\s\S]*?(?= {18}- name: envoy.filters.http.router)/, ""],
    ],
    line: "- name: envoy.filters.http.router",
  },
  {
    id: "exchange-filter-disabled",
    what: "disabled on the route",
    edits: [
      [
        "request_body_buffer_limit: 67108864",
        'request_body_buffer_limit: 67108864\n                          typed_per_filter_config: { envoy.filters.http.ext_proc: { "@type": x/ExtProcPerRoute, disabled: true } }',
      ],
    ],
    line: "disabled: true",
  },
  {
    id: "role-header",
    what: "absent",
    edits: [["                          - { key: x-tollgate-role, value: exchange }\n", ""]],
    line: "key: x-tollgate-route",
  },
  {
    id: "role-header",
    what: "of the other filter",
    edits: [["value: exchange }", "value: attempt }"]],
    line: "value: attempt }",
  },
  {
    id: "policy-header",
    what: "absent",
    edits: [[/ +- \{ key: x-tollgate-policy.*\n/, ""]],
    line: "x-tollgate-role",
  },
  {
    id: "policy-header",
    what: "of another namespace",
    edits: [["METADATA(ROUTE:tollgate)", "METADATA(ROUTE:tolgate)"]],
    line: "x-tollgate-policy",
  },
  {
    id: "defaults-header",
    what: "absent",
    edits: [[/ +- \{ key: x-tollgate-defaults.*\n/, ""]],
    line: "x-tollgate-role",
  },
  {
    id: "route-header",
    what: "absent",
    severity: "warning",
    edits: [[/ +- \{ key: x-tollgate-route.*\n/, ""]],
    line: "x-tollgate-role",
  },
  {
    id: "client-ip-header",
    what: "absent",
    severity: "warning",
    edits: [[/ +- \{ key: x-tollgate-client-ip.*\n/, ""]],
    line: "x-tollgate-role",
  },
  {
    id: "receiving-namespaces",
    what: "one missing",
    edits: [['untyped: ["tollgate", "tollgate.targets"]', 'untyped: ["tollgate"]']],
    line: "receiving_namespaces",
  },
  {
    id: "receiving-namespaces",
    what: "all missing",
    edits: [[/ +metadata_options:\n.*\n/, ""]],
    line: '"@type"',
  },
  {
    id: "forwarded-namespaces",
    what: "some",
    edits: [
      [
        "metadata_options:",
        'metadata_options:\n                        forwarding_namespaces: { untyped: ["tollgate"] }',
      ],
    ],
    line: "forwarding_namespaces",
  },
  {
    id: "response-attributes",
    what: "one missing",
    edits: [['["response.code_details", "xds.cluster_name"]', '["xds.cluster_name"]']],
    line: "response_attributes",
  },
  {
    id: "mode-override",
    what: "on the exchange filter",
    edits: [[/ {22}allow_mode_override: true\n/, ""]],
    line: '"@type"',
  },
  {
    id: "mode-override",
    what: "on the attempt filter",
    edits: [[/ {34}allow_mode_override: true\n/, ""]],
    line: '"@type"',
  },
  {
    id: "mutation-rules",
    what: "half of them",
    edits: [["{ allow_all_routing: true, allow_envoy: true }", "{ allow_envoy: true }"]],
    line: "mutation_rules",
  },
  {
    id: "header-modes",
    what: "skipped",
    edits: [["response_header_mode: SEND", "response_header_mode: SKIP"]],
    line: "SKIP",
  },
  {
    id: "request-body-mode",
    what: "streamed",
    edits: [["request_body_mode: BUFFERED", "request_body_mode: STREAMED"]],
    line: "request_body_mode: STREAMED",
  },
  {
    id: "response-body-mode",
    what: "buffered",
    edits: [["response_body_mode: STREAMED", "response_body_mode: BUFFERED"]],
    line: "response_body_mode: BUFFERED",
  },
  {
    id: "response-body-mode",
    what: "absent",
    edits: [[/ +response_body_mode: STREAMED\n/, ""]],
    line: "request_header_mode",
  },
  {
    id: "message-timeout",
    what: "absent",
    severity: "warning",
    edits: [["message_timeout: 5s", "stat_prefix: x"]],
    line: '"@type"',
  },
  {
    id: "message-timeout",
    what: "short",
    severity: "warning",
    edits: [["message_timeout: 5s", "message_timeout: 0.2s"]],
    line: "0.2s",
  },
  {
    id: "fetch-patience",
    what: "none",
    severity: "warning",
    edits: [
      [
        "                                models:",
        '                                media: { fetch: { hosts: ["*"] } }\n                                models:',
      ],
    ],
    line: '"@type"',
  },
  {
    id: "fetch-patience",
    what: "too short",
    severity: "warning",
    edits: [
      [
        "                                models:",
        '                                media: { fetch: { hosts: ["*"], timeout: 8s } }\n                                models:',
      ],
      ["message_timeout: 5s", "message_timeout: 5s\n                      max_message_timeout: 12s"],
    ],
    line: "max_message_timeout: 12s",
  },
];
