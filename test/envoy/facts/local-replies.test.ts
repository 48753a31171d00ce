import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { hang } from "../harness/upstream-answers.ts";
import { accessOf, chat, exchangeOf, exchangesOf, messages } from "./calls.ts";

// What Envoy answers by itself gets the client's shape, and is never taken for a provider's (fact 9).

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [
      { name: "openai", script: () => hang },
      { name: "claude", script: () => hang },
      { name: "nobody", address: "127.0.0.1:1" },
      { name: "nowhere", address: "127.0.0.1:1" },
    ],
    policy: {
      targets: {
        openai: { provider: "openai" },
        claude: { provider: "anthropic" },
        nobody: { provider: "openai" },
        nowhere: { provider: "anthropic" },
        ghost: { provider: "openai" },
      },
    },
    routes: [
      {
        kind: "gated",
        name: "gated",
        prefix: "/v1/",
        timeout: "0.7s",
        retry: { backOff: { baseInterval: "0.001s", maxInterval: "0.002s" } },
        policy: {
          models: {
            "refused*": { targets: [{ cluster: "nobody" }] },
            "unhealthy*": { targets: [{ cluster: "nowhere" }] },
            "unknown*": { targets: [{ cluster: "ghost" }] },
            "each-slow*": {
              targets: [{ cluster: "openai" }, { cluster: "claude" }],
              attempts: 2,
              per_try_timeout: "100ms",
            },
            "slow*": { targets: [{ cluster: "openai" }, { cluster: "claude" }] },
          },
        },
      },
    ],
    configure: (config) => {
      for (const cluster of members(config["static_resources"], "clusters")) {
        if (cluster["name"] === "nowhere") {
          cluster["load_assignment"] = { cluster_name: "nowhere", endpoints: [] };
        }
      }
    },
  });
});

afterAll(() => running?.stop());

function members(value: unknown, key: string): JsonObject[] {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

const cases = [
  { model: "refused", status: 503, tried: "nobody;failed, nobody;failed, nobody;failed, nobody;failed" },
  { model: "unhealthy", status: 503, tried: "nowhere;failed" },
  { model: "unknown", status: 503, tried: "ghost;failed" },
  { model: "each-slow", status: 504, tried: "openai;timeout, claude;timeout" },
  { model: "slow", status: 504, tried: "openai;timeout" },
];

/** As each dialect's SDK knows them. */
const shapes = {
  "openai-chat": {
    503: { error: { type: "server_error", code: "unavailable", param: null } },
    504: { error: { type: "timeout_error", code: "timeout", param: null } },
  },
  anthropic: {
    503: { type: "error", error: { type: "api_error" } },
    504: { type: "error", error: { type: "timeout_error" } },
  },
} as const;

describe.each([
  { dialect: "openai-chat", call: chat },
  { dialect: "anthropic", call: messages },
] as const)("for an $dialect client", ({ dialect, call }) => {
  test.each(cases)("$model: $status", async ({ model, status, tried }) => {
    const asked = `${model}-${dialect}`;
    const response = await call(running, asked);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain("application/json");
    const body: unknown = await response.json();
    expect(body).toMatchObject(shapes[dialect][status as 503 | 504]);
    expect(body).toMatchObject({ error: { message: expect.stringMatching(/^no target/) } });
    expect(response.headers.get("x-tollgate-reason")).toMatch(/^[a-z0-9_.]+$/);
    expect(response.headers.get("x-tollgate-attempts")).toBe(tried);
    expect(response.headers.get("x-tollgate-target")).toBeNull();

    expect(await exchangeOf(running, asked)).toMatchObject({ outcome: "local-reply", status });
    expect(exchangesOf(running, asked)).toHaveLength(1);
    expect(await accessOf(running, asked)).toMatchObject({ status });
  });

  test("also when the call was for a stream", async () => {
    const response = await call(running, `refused-stream-${dialect}`, { stream: true });
    expect([response.status, response.headers.get("content-type")]).toEqual([503, "application/json"]);
    expect(await response.json()).toMatchObject(shapes[dialect][503]);
  });
});

test("an upstream that times out is told to stop", async () => {
  await chat(running, "slow-stopped");
  const request = running.upstream("openai").requests.at(-1);
  expect(await request?.done).toBe("cancelled");
});
