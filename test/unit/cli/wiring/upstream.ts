/** Mistakes in the filters of a target's cluster. */
import { type Case, tls } from "./case.ts";

const credentialOfClaude = /- \*failed\n(\s+)- name: envoy.filters.http.credential_injector/;

export const upstreamCases: readonly Case[] = [
  {
    id: "attempt-headers-stripped",
    what: "of the attempt filter",
    severity: "warning",
    edits: [["%DYNAMIC_METADATA(tollgate:exchange)%", "%REQ(x-tollgate-exchange)%"]],
    line: "%REQ(x-tollgate-exchange)%",
  },
  {
    id: "failure-filter-missing",
    what: "on one target",
    severity: "warning",
    edits: [[/ +- \*failed\n/, ""]],
    line: "- name: claude",
  },
  {
    id: "failure-attributes",
    what: "absent",
    edits: [[/ +response_attributes: \["upstream.*\n/, ""]],
    line: '"@type"',
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
      [credentialOfClaude, "- *failed\n$1- name: other"],
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
];
