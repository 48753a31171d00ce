import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/cli/check/check.ts";
import { rules } from "../../../src/cli/check/rules.ts";

const reference = readFileSync(new URL("../../fixtures/envoy/reference.yaml", import.meta.url), "utf8");

/** One part of the reference broken: what is found, and in which line. */
interface Case {
  readonly id: string;
  readonly what: string;
  /** Replaced in order, the first occurrence of each; a replacement that changes nothing fails the test. */
  readonly edits: ReadonlyArray<readonly [from: string | RegExp, to: string]>;
  /** Part of the line that the finding points to. */
  readonly line: string;
  readonly severity?: "error" | "warning";
  /** Other kinds that the same break brings about. */
  readonly also?: readonly string[];
}

const limit = "per_connection_buffer_limit_bytes: 67108864";
const secondTarget = / +- \{ cluster: claude, model.*\n/;
const attemptOfClaude = /- \*attempt\n(\s+)- name: envoy.filters.http.credential_injector/;
const tls = `transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
          sni: api.anthropic.com
          common_tls_context: { validation_context: { trusted_ca: { filename: /ca.crt } } }`;

const cases: readonly Case[] = [
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
    id: "attempt-filter-missing",
    what: "on the second target",
    edits: [[/ +- \*attempt\n/, ""]],
    line: "- name: claude",
  },
  {
    id: "attempt-filter-order",
    what: "behind the credential",
    edits: [
      [/ +- \*attempt\n/, ""],
      [/(header: x-api-key\n)( +)- \*hide/, "$1$2- *attempt\n$2- *hide"],
    ],
    line: "credential_injector",
  },
  {
    id: "attempt-filter-hidden",
    what: "behind the header strip",
    edits: [
      [/ +- \*hide\n/, ""],
      ["- *attempt", "- *hide\n            - *attempt"],
    ],
    line: "header_mutation",
  },
  {
    id: "attempt-filter-always",
    what: "without match",
    severity: "warning",
    edits: [["common.matching.v3.ExtensionWithMatcher", "common.matching.v3.Always"]],
    line: "envoy.filters.http.match",
  },
  {
    id: "attempt-headers",
    what: "no role",
    edits: [["{ key: x-tollgate-role, value: attempt }", "{ key: other, value: attempt }"]],
    line: "key: other",
  },
  {
    id: "attempt-headers",
    what: "no exchange id",
    edits: [[/ +- \{ key: x-tollgate-exchange.*\n/, ""]],
    line: "x-tollgate-role",
  },
  { id: "attempt-attributes", what: "absent", edits: [[/ +request_attributes:.*\n/, ""]], line: '"@type"' },
  {
    id: "credential-missing",
    what: "TLS without one",
    edits: [
      [
        "connect_timeout: 2s\n      per_connection_buffer_limit_bytes: 67108864\n      load_assignment:\n        cluster_name: claude",
        `${tls}\n      per_connection_buffer_limit_bytes: 67108864\n      load_assignment:\n        cluster_name: claude`,
      ],
      [attemptOfClaude, "- *attempt\n$1- name: other"],
      [
        'CredentialInjector\n                overwrite: true\n                credential:\n                  name: envoy.http.injected_credentials.generic\n                  typed_config:\n                    "@type": type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic\n                    credential: { name: anthropic-key }',
        "Other\n                credential:\n                  name: other\n                  typed_config:\n                    credential: { name: anthropic-key }",
      ],
    ],
    line: "- name: claude",
  },
  {
    id: "credential-overwrite",
    what: "absent",
    severity: "warning",
    edits: [[/ +overwrite: true\n/, ""]],
    line: '"@type"',
  },
  { id: "hide-missing", what: "on one target", edits: [[/ +- \*hide\n/, ""]], line: "- name: claude" },
  {
    id: "hide-missing",
    what: "half of it",
    edits: [[/ +- remove_on_match: \{ key_matcher: \{ prefix: x-envoy- \} \}\n/, ""]],
    line: "- name: openai",
  },
  {
    id: "tls-unverified",
    what: "no validation context",
    severity: "warning",
    edits: [["connect_timeout: 2s", tls.replace(/common_tls_context.*/, "common_tls_context: {}")]],
    line: '"@type"',
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

function broken(edits: Case["edits"]): string {
  return edits.reduce((text, [from, to]) => {
    const next = text.replace(from, to);
    if (next === text) throw new Error(`nothing to replace: ${from}`);
    return next;
  }, reference);
}

describe("a broken wiring", () => {
  it.each(cases)("$id: $what", ({ id, edits, line, severity = "error", also = [] }) => {
    const text = broken(edits);
    const findings = checkConfig(text, "envoy.yaml");
    const spot = findings.find((finding) => finding.id === id);
    expect(spot, JSON.stringify(findings, null, 1)).toMatchObject({ severity, file: "envoy.yaml" });
    expect(text.split("\n")[(spot?.line ?? 0) - 1]).toContain(line);
    expect([...new Set(findings.map((finding) => finding.id))].sort()).toEqual([id, ...also].sort());
  });

  it("has a case for every rule", () => {
    expect(new Set(cases.map(({ id }) => id))).toEqual(new Set(rules.map(({ id }) => id)));
  });

  it("has rules with names of their own", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});

describe("wiring that is right", () => {
  it.each<[string, Case["edits"]]>([
    ["the reference", []],
    [
      "a single target without retries",
      [
        [secondTarget, ""],
        [/ +retry_policy:\n( {30}.*\n)+/, ""],
        ["include_request_attempt_count: true", "require_tls: NONE"],
      ],
    ],
    [
      "the retry policy on the virtual host",
      [
        [/ +retry_policy:\n( {30}.*\n)+/, ""],
        [
          "include_request_attempt_count: true",
          "include_request_attempt_count: true\n                      retry_policy: { num_retries: 3, refresh_cluster_on_retry: true }",
        ],
      ],
    ],
    [
      "failing open to the client's own dialect",
      [
        ["failure_mode_allow: false", "failure_mode_allow: true"],
        ['prefix: "/v1/"', "path: /v1/chat/completions"],
      ],
    ],
    [
      "hosts from names",
      [
        [/ +hostname: api.openai.com\n/, ""],
        ["address: 127.0.0.1, port_value: 9101", "address: api.openai.com, port_value: 443"],
      ],
    ],
    [
      "no time limit on the route",
      [
        [
          "  timeout: 300s\n                            inline",
          "  timeout: 0s\n                            inline",
        ],
      ],
    ],
    [
      "nested runtime flags",
      [
        [
          "envoy.reloadable_features.ext_proc_graceful_grpc_close: true",
          "envoy: { reloadable_features: { ext_proc_graceful_grpc_close: true } }",
        ],
      ],
    ],
    ["a path with a fallback", [["%REQ(x-tollgate-path)%", "%REQ(x-tollgate-path?:path)%"]]],
    ["a header mutation as credential", [["connect_timeout: 2s", tls]]],
    [
      "clusters from elsewhere",
      [
        [
          "static_resources:",
          "dynamic_resources: { cds_config: { path_config_source: { path: cds.yaml } } }\n\nstatic_resources:",
        ],
        ["cluster_name: openai, weight", "cluster_name: elsewhere, weight"],
      ],
    ],
  ])("%s", (_, edits) => {
    expect(checkConfig(broken(edits), "envoy.yaml")).toEqual([]);
  });
});
