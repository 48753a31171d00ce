import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { envoyYaml } from "../../../src/cli/demo/envoy-config.ts";
import { shippedCluster, shippedClusters } from "../../../src/cli/demo/provider-clusters.ts";
import { PACKAGE_ROOT } from "../../../src/cli/demo/sidecar.ts";
import { providerNames } from "../../../src/providers/registry.ts";

const folder = join(PACKAGE_ROOT, "envoy", "providers");

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
});
