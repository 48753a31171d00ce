import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checkConfig } from "../../../src/cli/check/check.ts";
import { run } from "../../../src/cli/check/run.ts";
import type { Output } from "../../../src/cli/command.ts";

const path = fileURLToPath(new URL("../../fixtures/envoy/reference.yaml", import.meta.url));
const reference = readFileSync(path, "utf8");
const ids = (text: string) => checkConfig(text, "f").map(({ id }) => id);
const asJson = (indent: string | number) => JSON.stringify(parse(reference), null, indent);

describe("what a file may look like", () => {
  it.each([
    ["YAML with CRLF", reference.replaceAll("\n", "\r\n")],
    ["JSON", asJson(0)],
    ["JSON with tabs", asJson("\t")],
    ["lowerCamelCase", camel(asJson(1))],
  ])("%s", (_, text) => expect(ids(text)).toEqual([]));

  it("JSON findings have lines too", () => {
    const text = asJson(1).replace('"fallback"', '"cheapest"');
    const [finding] = checkConfig(text, "f");
    expect(finding).toMatchObject({ id: "policy-schema" });
    expect(text.split("\n")[(finding?.line ?? 0) - 1]).toContain('"strategy": "cheapest"');
  });

  it("merge keys are followed, and refused as Envoy does", () => {
    const text = reference
      .replace("{ provider: anthropic }", "{ <<: *defaults }")
      .replace("layered_runtime:", "x-defaults: &defaults { provider: anthropic }\nlayered_runtime:");
    expect(ids(text)).toEqual(["merge-key"]);
  });

  it("scalars mean what they mean to Envoy", () => {
    const price = "prices: { 4: { input: 0.25, output: 1e-1 } }";
    const text = reference
      .replace(
        "models:",
        `strict: on\n                                ${price}\n                                models:`,
      )
      .replace("allow_mode_override: true", "allow_mode_override: yes")
      .replace("failure_mode_allow: false", "failure_mode_allow: no");
    expect(ids(text)).toEqual([]);
    expect(
      ids(reference.replace("models:", 'strict: "true"\n                                models:')),
    ).toEqual(["policy-schema"]);
  });

  it("keys that only hold an anchor are skipped, as Envoy does", () => {
    const text = reference
      .replace("{ provider: anthropic }", "*shared")
      .replace(
        "targets:",
        "!ignore shared: &shared { provider: anthropic }\n                            targets:",
      );
    expect(ids(text)).toEqual([]);
  });

  it("a cluster that only calls without a model go to is a target like others", () => {
    const alone = reference.replace(/ +- \{ cluster: claude, model: claude-sonnet-4-5 \}\n/, "");
    const bare = alone.replace(/(header: x-api-key\n) +- \*hide\n/, "$1");
    expect(ids(bare)).toEqual([]);
    const calls = 'calls: { "/v1/messages/batches*": { cluster: claude } }';
    expect(ids(bare.replace("models:", `${calls}\n                                models:`))).toEqual([
      "hide-missing",
    ]);
  });

  it("a file of xDS resources is judged by what it holds", () => {
    const config = parse(reference) as { static_resources: { clusters: object[]; listeners: object[] } };
    const typed = (type: string, list: object[]) =>
      list.map((resource) => ({ "@type": `type.googleapis.com/x.v3.${type}`, ...resource }));
    const { clusters, listeners } = config.static_resources;
    expect(ids(JSON.stringify({ resources: typed("Cluster", clusters) }))).toEqual([]);
    expect(ids(JSON.stringify({ resources: typed("Listener", listeners) }))).toEqual([]);
  });

  it("a route configuration of its own is checked for its policy", () => {
    const config = {
      "@type": "x.v3.RouteConfiguration",
      virtual_hosts: [{ routes: [{ metadata: { filter_metadata: { tollgate: { modles: 1 } } } }] }],
    };
    expect(ids(JSON.stringify({ resources: [config] }))).toContain("policy-schema");
  });

  it.each([
    ["nothing", ""],
    ["a word", "hello"],
    ["a list", "[1, 2]"],
    ["something else's", "services: {}"],
    ["broken YAML", "static_resources: [1,\n  - }"],
    ["duplicate keys", "static_resources: {}\nstatic_resources: {}"],
  ])("%s is no configuration", (_, text) => {
    const findings = checkConfig(text, "f");
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.every(({ id, severity }) => id === "unreadable" && severity === "error")).toBe(true);
  });

  it.each([
    ["empty parts", "static_resources:\n  listeners:\n  clusters: [null, {}, 3]"],
    ["parts of the wrong kind", "static_resources: {listeners: {a: 1}, clusters: x}"],
    ["an anchor inside itself", "static_resources: &a {listeners: [*a], clusters: [*a]}"],
    ["no tollgate at all", reference.replaceAll("tollgate", "other")],
  ])("%s does no harm", (_, text) => expect(ids(text)).toEqual([]));

  it("metadata inside itself is an error", () => {
    const text = reference.replace(
      "models:\n",
      "models: &loop { x: *loop }\n                                other:\n",
    );
    expect(ids(text)).toContain("policy-schema");
  });

  it("a mistake behind many aliases is reported once", () => {
    const text = reference.replace(/ {34}message_timeout: 5s\n/, "");
    expect(ids(text)).toEqual(["message-timeout"]);
  });
});

describe("the command", () => {
  function ran(...argv: string[]) {
    const written = { out: "", err: "" };
    const output: Output = {
      out: (text) => {
        written.out += text;
      },
      err: (text) => {
        written.err += text;
      },
    };
    return { code: run(argv, output), ...written };
  }

  it("is content with the reference", () => {
    expect(ran(path)).toEqual({ code: 0, out: "0 errors, 0 warnings\n", err: "" });
  });

  it("prints file, line, column, severity, message and hint, and fails", () => {
    const file = fileURLToPath(new URL("../../fixtures/envoy/misspelt.yaml", import.meta.url));
    const { code, out } = ran(path, file);
    expect(code).toBe(1);
    const line =
      readFileSync(file, "utf8")
        .split("\n")
        .findIndex((text) => text.includes("stratgy")) + 1;
    expect(out).toContain(`${file}:${line}:`);
    expect(out).toContain(
      `error route:models.gpt-4o: unknown key "stratgy" (did you mean "strategy"?) [policy-schema]\n    hint: `,
    );
    expect(out).toMatch(/\d+ errors?, \d+ warnings?\n$/);
  });

  it.each([
    [[]],
    [["--nonsense"]],
    [["/does/not/exist.yaml"]],
    [[fileURLToPath(new URL(".", import.meta.url))]],
  ])("%j is wrong usage", (argv) => {
    const { code, err } = ran(...argv);
    expect(code).toBe(2);
    expect(err).not.toBe("");
  });

  it("explains itself", () => expect(ran("--help")).toMatchObject({ code: 0, err: "" }));
});

/** The other spelling that proto JSON has for field names. */
function camel(json: string): string {
  const upper = (_: string, letter: string) => letter.toUpperCase();
  return json.replace(
    /"([a-z0-9]+(?:_[a-z0-9]+)+)":/g,
    (_, name: string) => `"${name.replace(/_([a-z0-9])/g, upper)}":`,
  );
}
