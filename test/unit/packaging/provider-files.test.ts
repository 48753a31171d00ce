import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { envoyYaml } from "../../../src/cli/demo/envoy-config.ts";
import { shippedCluster, shippedClusters } from "../../../src/cli/demo/provider-clusters.ts";
import { PACKAGE_ROOT } from "../../../src/cli/demo/sidecar.ts";
import { vendorClusters, vendorSecret } from "../../../src/cli/demo/vendor-clusters.ts";
import { openaiOthers } from "../../../src/providers/openai-endpoints.ts";
import { providerNamed, providerNames } from "../../../src/providers/registry.ts";

const folder = join(PACKAGE_ROOT, "envoy", "providers");
const secrets = join(PACKAGE_ROOT, "envoy", "secrets");

/** The SDS file that a cluster's key comes from, without its folder; undefined for other credentials. */
function secretFile({ cluster }: (typeof shippedClusters)[number]): string | undefined {
  const { credential } = cluster;
  if (credential === undefined || credential.kind === "aws-signature") return undefined;
  if (credential.secret.from !== "sds") throw new Error(`${cluster.name} has its key in the configuration`);
  return credential.secret.path.replace("/etc/envoy/secrets/", "");
}

describe("envoy/providers", () => {
  // After a change of the generator: `npx vitest run --project unit test/unit/packaging -u`.
  it.each(shippedClusters)("$name.yaml is what the generator makes", async (shipped) => {
    const comment = shipped.comment.replace(/^/gm, "# ");
    const text = `${comment}\n# Generated; to be added to static_resources.clusters.\n${envoyYaml(shippedCluster(shipped))}`;
    await expect(text).toMatchFileSnapshot(join(folder, `${shipped.name}.yaml`));
  });

  it("has no other file, and each names a provider", () => {
    expect(readdirSync(folder).sort()).toEqual(shippedClusters.map(({ name }) => `${name}.yaml`).sort());
    for (const { comment } of shippedClusters) {
      const named = /provider: ([a-z-]+)/.exec(comment)?.[1];
      expect(providerNames).toContain(named);
    }
  });

  it("has one for every provider, but for those of envoy.yaml and the variants of others", () => {
    const named = new Set(shippedClusters.map(({ comment }) => /provider: ([a-z-]+)/.exec(comment)?.[1]));
    const elsewhere = [
      "openai",
      "anthropic",
      "openai-responses",
      "azure-openai-responses",
      "openai-compatible",
    ];
    expect(providerNames.filter((name) => !named.has(name) && !elsewhere.includes(name))).toEqual([]);
  });
});

describe("envoy/secrets", () => {
  const generated = vendorClusters.filter((shipped) => secretFile(shipped) !== undefined);
  it.each(generated)("$name.yaml is what the generator makes", async ({ name }) => {
    await expect(vendorSecret(name)).toMatchFileSnapshot(join(secrets, `${name}.yaml`));
  });

  it.each(shippedClusters)("what the cluster of $name asks for is there", (shipped) => {
    const file = secretFile(shipped);
    if (file === undefined) return;
    const [secret] = parse(readFileSync(join(secrets, file), "utf8")).resources;
    expect(secret.name).toBe(`${shipped.cluster.name}-key`);
  });
});

describe("docs/policy.md", () => {
  const text = readFileSync(join(PACKAGE_ROOT, "docs", "policy.md"), "utf8");
  /** First cells of the tables in a section. */
  const rows = (title: string) => {
    const start = text.indexOf(`### ${title}`);
    const section = text.slice(start, text.indexOf("\n##", start + 1));
    return [...section.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/[a-z-]+/g)].map(([name]) => name),
    );
  };

  it("has a row for every provider, in their order", () => {
    expect(rows("Providers")).toEqual(providerNames);
  });

  it("says of every provider that serves calls which only pass that it does, and of no other", () => {
    const passing: readonly string[] = [...openaiOthers, "rerank"];
    const serving = providerNames.filter((name) =>
      providerNamed(name).also?.some(({ dialect }) => passing.includes(dialect)),
    );
    expect(rows("Images, audio").sort()).toEqual([...serving].sort());
  });
});
