/** Envoy itself takes the files of `envoy/providers`, all in one configuration. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { authorities } from "../../src/cli/demo/authorities.ts";
import { tollgateCluster } from "../../src/cli/demo/envoy-cluster.ts";
import { SYSTEM_AUTHORITIES } from "../../src/cli/demo/shipped.ts";
import { PACKAGE_ROOT } from "../../src/cli/demo/sidecar.ts";
import { envoyBinary } from "./harness/envoy.ts";

const folder = join(PACKAGE_ROOT, "envoy", "providers");

test("every file at once", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tollgate-provider-"));
  try {
    const trusted = await authorities(process.env, directory);
    const texts = await Promise.all(
      (await readdir(folder)).map((file) => readFile(join(folder, file), "utf8")),
    );
    const shipped = texts.flatMap((text) => {
      // Not every machine keeps its authorities there.
      const own = text
        .replaceAll(SYSTEM_AUTHORITIES, trusted)
        .replaceAll("/etc/envoy/", join(PACKAGE_ROOT, "envoy/"));
      return parse(own).clusters as ReadonlyArray<{ readonly name: string }>;
    });
    expect(new Set(shipped.map(({ name }) => name)).size).toBe(texts.length);
    const clusters = [tollgateCluster(["127.0.0.1:50051"]), ...shipped];
    const config = { node: { id: "gateway", cluster: "gateway" }, static_resources: { clusters } };
    const path = join(directory, "envoy.json");
    await writeFile(path, JSON.stringify(config));
    const run = promisify(execFile)(await envoyBinary(), ["--mode", "validate", "-c", path]);
    expect((await run).stdout).toContain("OK");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
