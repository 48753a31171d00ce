import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { PACKAGE_ROOT } from "../../src/cli/demo/sidecar.ts";
import type { JsonObject } from "../../src/json/types.ts";
import { envoyBinary, startEnvoy } from "./harness/envoy.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tollgate-test-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Empty when Envoy takes the configuration, else what it says. */
async function complaint(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  try {
    await promisify(execFile)(await envoyBinary(), ["--mode", "validate", "-c", file, "-l", "warn"]);
    return "";
  } catch (error) {
    return String(error instanceof Error && "stderr" in error ? error.stderr : error);
  }
}

/** A shipped file, its paths pointing into the checkout. */
async function shipped(path: string): Promise<string> {
  const text = await readFile(join(PACKAGE_ROOT, path), "utf8");
  return text.replaceAll("/etc/envoy/", `${join(PACKAGE_ROOT, "envoy")}/`);
}

test.each(["envoy/envoy.yaml", "envoy/compose.yaml"])("Envoy takes %s", async (path) => {
  expect(await complaint("shipped.yaml", await shipped(path))).toBe("");
});

test("what Envoy would refuse is seen here", async () => {
  const text = await shipped("envoy/envoy.yaml");
  const broken = text.replace("refresh_cluster_on_retry: true", "refresh_clusters_on_retry: true");
  expect(await complaint("broken.yaml", broken)).toContain("refresh_clusters_on_retry");
  const elsewhere = text.replace("secrets/openai.yaml", "secrets/nowhere.yaml");
  expect(await complaint("elsewhere.yaml", elsewhere)).toContain("nowhere.yaml");
});

test("envoy/envoy.yaml starts as it is, with its keys from SDS files", async () => {
  const key = join(directory, "any.key");
  await writeFile(key, "sk-any");
  let text = await readFile(join(PACKAGE_ROOT, "envoy/envoy.yaml"), "utf8");
  for (const name of ["openai", "anthropic"]) {
    const sds = await readFile(join(PACKAGE_ROOT, `envoy/secrets/${name}.yaml`), "utf8");
    await writeFile(join(directory, `${name}.yaml`), sds.replace(`/etc/envoy/secrets/${name}.key`, key));
    text = text.replace(`/etc/envoy/secrets/${name}.yaml`, join(directory, `${name}.yaml`));
  }
  expect(text).not.toContain("/etc/envoy/secrets/");
  text = text.replace("address: 0.0.0.0, port_value: 10000", "address: 127.0.0.1, port_value: 0");
  const envoy = await startEnvoy(parse(text) as JsonObject);
  try {
    expect(await (await fetch(`${envoy.url}/elsewhere`)).text()).toBe(
      "Nothing here: the API is below /v1/\n",
    );
    // No Tollgate is listening: a gated route is closed.
    expect((await fetch(`${envoy.url}/v1/models`)).status).toBeGreaterThanOrEqual(500);
    const secrets = await fetch(
      `http://127.0.0.1:${envoy.adminPort}/config_dump?resource=dynamic_active_secrets`,
    );
    const dump = await secrets.text();
    expect([dump.includes("openai-key"), dump.includes("claude-key"), dump.includes("sk-any")]).toEqual([
      true,
      true,
      false,
    ]);
  } finally {
    await envoy.stop();
  }
});
