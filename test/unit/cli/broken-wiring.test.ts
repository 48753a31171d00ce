import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/cli/check/check.ts";
import { rules } from "../../../src/cli/check/rules.ts";
import { type Case, tls } from "./wiring/case.ts";
import { configurationCases } from "./wiring/configuration.ts";
import { exchangeCases } from "./wiring/exchange.ts";
import { identityCases, verifiedCertificates, verifiedTokens } from "./wiring/identity.ts";
import { routeCases } from "./wiring/route.ts";
import { upstreamCases } from "./wiring/upstream.ts";

const reference = readFileSync(new URL("../../fixtures/envoy/reference.yaml", import.meta.url), "utf8");

const cases: readonly Case[] = [
  ...configurationCases,
  ...exchangeCases,
  ...identityCases,
  ...routeCases,
  ...upstreamCases,
];
const secondTarget = / +- \{ cluster: claude, model.*\n/;

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
      "files to fetch in less time than Envoy waits for any verdict",
      [
        [
          "                                models:",
          '                                media: { fetch: { hosts: ["*"], timeout: 5s } }\n                                models:',
        ],
      ],
    ],
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
          "include_request_attempt_count: true\n                      retry_policy: { num_retries: 3, refresh_cluster_on_retry: true, rate_limited_retry_back_off: { reset_headers: [{ name: x-tollgate-retry-in }] } }",
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
    ["callers by verified tokens", verifiedTokens],
    ["callers by verified certificates", verifiedCertificates],
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
