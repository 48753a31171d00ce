import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json, stream } from "../harness/upstream-answers.ts";
import { completion, failing, message } from "./answers.ts";
import { chat, exchangeOf, hostPolicy, messages, routePolicy } from "./calls.ts";
import { holder } from "./configuration.ts";

// Which headers reach whom (facts 8 and 16).

let running: RunningGateway;

beforeAll(async () => {
  const backOff = { baseInterval: "0.001s", maxInterval: "0.002s" };
  running = await gateway({
    clusters: [
      { name: "openai", hostname: "api.openai.example" },
      { name: "claude", hostname: "api.anthropic.example" },
    ],
    policy: hostPolicy,
    routes: [
      { kind: "gated", name: "gated", prefix: "/v1/", policy: routePolicy, retry: { backOff } },
      { kind: "gated", name: "open", prefix: "/open/" },
    ],
    // In a mesh the clients are internal, and Envoy believes their x-envoy headers.
    configure: (config) => {
      holder(config, "http_filters")["internal_address_config"] = {
        cidr_ranges: [{ address_prefix: "127.0.0.0", prefix_len: 8 }],
      };
    },
  });
});

afterAll(() => running?.stop());

const forged = {
  "x-tollgate-path": "/v1/admin/keys",
  "x-tollgate-exchange": "forged",
  "x-tollgate-worker": "192.0.2.1:1",
  "x-tollgate-judge": "1",
  "x-tollgate-policy": "{}",
  "x-tollgate-retry-in": "9",
  "x-tollgate-role": "exchange",
  "x-envoy-attempt-count": "7",
  "x-envoy-is-timeout-retry": "true",
  "x-tollgate-cache": "off",
};

const whole = { "content-type": "application/json" };
const answered = message("hi");
const messageText = answered.kind === "whole" ? answered.body : "";

const last = (name: string) => running.upstream(name).requests.at(-1);
const internal = (headers: object | undefined): string[] =>
  Object.keys(headers ?? {}).filter((name) => /^x-(tollgate|envoy|forwarded)-/.test(name));

test("no header of ours, of Envoy's or of the client's network reaches a provider, on any attempt", async () => {
  running.upstream("openai").respondWith([failing(503)]);
  running.upstream("claude").respondWith([message("hi")]);
  const headers = { ...forged, "x-forwarded-for": "192.0.2.7", "x-forwarded-host": "inside.example" };
  const response = await chat(running, "both-hygiene", { headers });
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, claude;200");
  expect([internal(last("openai")?.headers), internal(last("claude")?.headers)]).toEqual([[], []]);
  expect(last("openai")?.headers).toMatchObject({ host: "api.openai.example" });
  expect(last("claude")?.headers).toMatchObject({ host: "api.anthropic.example" });
  expect(await exchangeOf(running, "both-hygiene")).toMatchObject({ attempts: 2, outcome: "finished" });
});

test("what a client forges is ignored: path, exchange, attempt", async () => {
  running.upstream("openai").respondWith([completion("hi")]);
  const response = await chat(running, "openai-forged", { headers: forged });
  expect([response.status, response.headers.get("x-tollgate-attempts")]).toEqual([200, "openai;200"]);
  expect(last("openai")?.path).toBe("/v1/chat/completions");
});

test("nor may it turn Envoy's knobs", async () => {
  running.upstream("openai").respondWith([failing(503)]);
  running.upstream("claude").respondWith([stream([{ waitMs: 300 }, messageText], { headers: whole })]);
  const headers = {
    "x-envoy-max-retries": "0",
    "x-envoy-upstream-rq-timeout-ms": "100",
    "x-envoy-upstream-rq-per-try-timeout-ms": "100",
    "x-envoy-hedge-on-per-try-timeout": "true",
  };
  const response = await chat(running, "both-knobs", { headers });
  expect([response.status, response.headers.get("x-tollgate-attempts")]).toEqual([
    200,
    "openai;503, claude;200",
  ]);
});

test.each(["ünï, cödé", "x".repeat(3_000), "passed", '%"{}'])(
  "nor spoil its exchange by a request id: %s",
  async (id) => {
    running.upstream("openai").respondWith([failing(503)]);
    running.upstream("claude").respondWith([message("hi")]);
    const response = await chat(running, "both-request-id", { headers: { "x-request-id": id } });
    expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, claude;200");
  },
);

test.each(["/open/things", "/v1/things"])("nor does it matter where bytes pass through: %s", async (path) => {
  running.upstream("openai").respondWith([json({ passed: true })]);
  const response = await fetch(`${running.url}${path}`, { method: "POST", headers: forged, body: "x" });
  expect(await response.json()).toEqual({ passed: true });
  expect(last("openai")?.path).toBe(path);
});

test("bodies are asked for in the clear, whatever the client could read", async () => {
  running.upstream("openai").respondWith([failing(503)]);
  running.upstream("claude").respondWith([message("hi")]);
  await chat(running, "both-clear", { headers: { "accept-encoding": "gzip, br" } });
  expect(last("openai")?.headers["accept-encoding"]).toBeUndefined();
  expect(last("claude")?.headers["accept-encoding"]).toBeUndefined();
});

test("protocol headers go to servers of their own dialect only", async () => {
  const headers = { "anthropic-version": "2023-06-01", "anthropic-beta": "b-1", "openai-beta": "b-2" };
  running.upstream("claude").respondWith([failing(503), message("hi")]);
  running.upstream("openai").respondWith([failing(503)]);
  await messages(running, "reverse-protocol", { headers });
  const [first, third] = running.upstream("claude").requests.slice(-2);
  for (const request of [first, third]) {
    expect(request?.headers).toMatchObject({ "anthropic-version": "2023-06-01", "anthropic-beta": "b-1" });
    expect(request?.headers["openai-beta"]).toBeUndefined();
  }
  expect(Object.keys(last("openai")?.headers ?? {}).filter((name) => name.startsWith("anthropic-"))).toEqual(
    [],
  );
});

test("the client sees who served, and nothing that only steers Envoy", async () => {
  running.upstream("openai").respondWith([completion("hi")]);
  const { headers } = await chat(running, "openai-seen");
  const ours = [...headers.keys()].filter((name) => name.startsWith("x-tollgate-")).sort();
  expect(ours).toEqual(["x-tollgate-attempts", "x-tollgate-cost", "x-tollgate-target"]);
});
