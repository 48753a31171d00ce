/** Envoy itself takes every file of `envoy/providers`. */
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

test.each(await readdir(folder))("%s", async (file) => {
  const directory = await mkdtemp(join(tmpdir(), "tollgate-provider-"));
  try {
    const text = await readFile(join(folder, file), "utf8");
    // Not every machine keeps its authorities there.
    const own = text
      .replaceAll(SYSTEM_AUTHORITIES, await authorities(process.env, directory))
      .replaceAll("/etc/envoy/", join(PACKAGE_ROOT, "envoy/"));
    const clusters = [tollgateCluster(["127.0.0.1:50051"]), ...parse(own).clusters];
    const config = { node: { id: "gateway", cluster: "gateway" }, static_resources: { clusters } };
    const path = join(directory, "envoy.json");
    await writeFile(path, JSON.stringify(config));
    const run = promisify(execFile)(await envoyBinary(), ["--mode", "validate", "-c", path]);
    expect((await run).stdout).toContain("OK");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
