import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../../src/cli/demo/sidecar.ts";
import { completion } from "../facts/answers.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";

// Limits that a virtual key brings, before a real Envoy: beside those of the policy, and whatever secret the key has.

const dataDir = mkdtempSync(join(tmpdir(), "tollgate-key-limits-"));
let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai", script: () => completion("hi") }],
    routePolicy: {
      identity: { app: [{ key: "app" }], require: "key" },
      targets: { openai: { provider: "openai" } },
      models: { "*": { targets: [{ cluster: "openai", model: "gpt-4o" }] } },
      limits: [{ name: "burst", by: ["app"], requests: 3, window: "1h" }],
    },
    tollgate: { TOLLGATE_DATA_DIR: dataDir },
  });
});

afterAll(async () => {
  await running?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function keys(...argv: string[]) {
  const program = join(PACKAGE_ROOT, "dist", "cli", "tollgate.js");
  const env = { ...process.env, TOLLGATE_DATA_DIR: dataDir, DATABASE_URL: "" };
  const { stdout } = await promisify(execFile)(process.execPath, [program, "keys", ...argv, "--json"], {
    env,
  });
  return JSON.parse(stdout) as { readonly id: string; readonly key: string };
}

const ask = (apiKey: string) =>
  new Anthropic({ apiKey, baseURL: running.url, maxRetries: 0 }).messages
    .create({ model: "any", max_tokens: 10, messages: [{ role: "user", content: "hi" }] })
    .then(
      () => "served",
      (error: unknown) => (error instanceof Anthropic.RateLimitError ? error.message : error),
    );

test("a key's own limits hold beside the policy's, and outlive its secret", async () => {
  const limits = { limits: [{ name: "burst", requests: 2, window: "1h" }] };
  const made = await keys("create", "--app", "billing", "--limits", JSON.stringify(limits));
  expect(await ask(made.key)).toBe("served");
  expect(await ask(made.key)).toBe("served");
  expect(await ask(made.key)).toContain('the limit \\"key:burst\\" of 2 requests in 1h has been reached');
  const renewed = await keys("rotate", made.id);
  expect(await ask(renewed.key)).toContain("key:burst");
  // Another key of the app has only what the policy leaves.
  const other = await keys("create", "--app", "billing");
  expect(await ask(other.key)).toBe("served");
  expect(await ask(other.key)).toContain('the limit \\"burst\\" of 3 requests in 1h');
});
