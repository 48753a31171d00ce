import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { completion, failing, message } from "./answers.ts";
import { at, chat, exchangeOf, hostPolicy, messages, routePolicy } from "./calls.ts";

// A provider's `retry-after`, honoured by whom it concerns (decision 3).

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: hostPolicy,
    routePolicy,
  });
});

afterAll(() => running?.stop());

async function timed(call: Promise<Response>): Promise<{ response: Response; ms: number }> {
  const began = performance.now();
  const response = await call;
  return { response, ms: performance.now() - began };
}

test("the next target did not ask anybody to wait", async () => {
  running.upstream("openai").respondWith([failing(429, { "retry-after": "5" })]);
  running.upstream("claude").respondWith([message("hi")]);
  const { response, ms } = await timed(chat(running, "both-at-once"));
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;429, claude;200");
  expect(ms).toBeLessThan(900);
});

test("the same target is given the time it asked for", async () => {
  running.upstream("openai").respondWith([failing(429, { "retry-after": "1" }), completion("hi")]);
  const { response, ms } = await timed(chat(running, "openai-waits"));
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;429, openai;200");
  expect(ms).toBeGreaterThanOrEqual(990);
  expect(ms).toBeLessThan(4_000);
});

test("also when it names a date, and with an overload's 503", async () => {
  const date = new Date(Date.now() + 2_000).toUTCString();
  running.upstream("openai").respondWith([failing(503, { "retry-after": date }), completion("hi")]);
  const { response, ms } = await timed(chat(running, "openai-date"));
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, openai;200");
  expect(ms).toBeGreaterThanOrEqual(900);
});

test.each([
  { dialect: "openai-chat", call: chat, type: "scripted" },
  { dialect: "anthropic", call: messages, type: "rate_limit_error" },
])("a wait too long is the client's: $dialect", async ({ dialect, call, type }) => {
  const upstream = running.upstream("openai");
  const before = upstream.requests.length;
  upstream.respondWith(() => failing(429, { "retry-after": "60" }));
  const model = `openai-long-${dialect}`;
  const { response, ms } = await timed(call(running, model));
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;429");
  expect(at(await response.json(), "error", "type")).toBe(type);
  expect(ms).toBeLessThan(900);
  expect(upstream.requests.length - before).toBe(1);
  expect(await exchangeOf(running, model)).toMatchObject({ status: 429, outcome: "finished", attempts: 1 });
});

test("what steers Envoy stays with Envoy", async () => {
  running.upstream("openai").respondWith(() => failing(429, { "retry-after": "1" }));
  const call = chat(running, "openai-header", { fields: { n: 1 } });
  const upstream = running.upstream("openai");
  const first = await upstream.request(upstream.requests.length);
  expect(Object.keys(first.headers).filter((name) => name.startsWith("x-tollgate"))).toEqual([]);
  upstream.respondWith(() => failing(429, { "retry-after": "0" }));
  const response = await call;
  expect(response.status).toBe(429);
  expect(response.headers.get("x-tollgate-retry-in")).toBeNull();
});
