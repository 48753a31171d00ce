import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { completion, message } from "./answers.ts";
import { chat, hostPolicy } from "./calls.ts";
import { holder } from "./configuration.ts";

// A policy is Envoy's configuration: a change there is in force with the next call, without a restart of anything.

let directory: string;
let running: RunningGateway;
let routes: JsonObject;

const policyFor = (cluster: string): JsonObject => ({
  models: { m: { targets: [{ cluster, model: "m" }] } },
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tollgate-routes-"));
  running = await gateway({
    clusters: [
      { name: "openai", script: () => completion("hi") },
      { name: "claude", script: () => message("hi") },
    ],
    policy: hostPolicy,
    routePolicy: policyFor("openai"),
    configure: (config) => {
      const manager = holder(config, "route_config");
      routes = manager["route_config"] as JsonObject;
      delete manager["route_config"];
      manager["rds"] = {
        route_config_name: "llm",
        config_source: {
          path_config_source: {
            path: join(directory, "routes.json"),
            watched_directory: { path: directory },
          },
        },
      };
    },
    beforeEnvoy: () => writeRoutes(),
  });
});

afterAll(async () => {
  await running?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Moved into its place, as Envoy wants it and as a mounted ConfigMap does it. */
async function writeRoutes(): Promise<void> {
  const type = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
  const draft = join(directory, "draft.json");
  await writeFile(draft, JSON.stringify({ version_info: "1", resources: [{ "@type": type, ...routes }] }));
  await rename(draft, join(directory, "routes.json"));
}

async function target(): Promise<string | null> {
  const response = await chat(running, "m");
  await response.arrayBuffer();
  return response.headers.get("x-tollgate-target") ?? response.headers.get("x-tollgate-reason");
}

async function becomes(expected: string): Promise<void> {
  let seen = await target();
  for (let tries = 0; seen !== expected && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen = await target();
  }
  expect(seen).toBe(expected);
}

test("another target, a mistake, and its repair are each in force at once", async () => {
  expect(await target()).toBe("openai/m");
  const metadata = holder(holder(routes, "routes")["routes"], "metadata")["metadata"] as JsonObject;
  const change = async (policy: JsonObject): Promise<void> => {
    metadata["filter_metadata"] = { tollgate: policy };
    await writeRoutes();
  };
  await change(policyFor("claude"));
  await becomes("claude/m");
  await change({ models: { m: { tragets: [] } } });
  await becomes("policy_unreadable");
  await change(policyFor("openai"));
  await becomes("openai/m");
});
