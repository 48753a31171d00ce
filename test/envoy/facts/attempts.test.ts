import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { hang, reset } from "../harness/upstream-answers.ts";
import { completion, failing, message } from "./answers.ts";
import { chat, exchangeOf, hostPolicy, routePolicy } from "./calls.ts";

// Failover as the policy says (facts 2 and 15), and what the client hears of it (decision 3).

let running: RunningGateway;

const pair = [{ cluster: "openai" }, { cluster: "claude", model: "claude-sonnet-4-5" }];

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }, { name: "nobody", address: "127.0.0.1:1" }],
    policy: { targets: { ...(hostPolicy["targets"] as JsonObject), nobody: { provider: "openai" } } },
    routePolicy: {
      models: {
        ...(routePolicy["models"] as JsonObject),
        "dead-first*": { targets: [{ cluster: "nobody" }, ...pair.slice(1)] },
        "hasty*": { targets: pair, per_try_timeout: "300ms" },
        "once*": { targets: pair, attempts: 1 },
        "six*": { targets: pair, attempts: 6 },
      },
    },
  });
});

afterAll(() => running?.stop());

const tried = (response: Response): string | null => response.headers.get("x-tollgate-attempts");

/** Scripts both upstreams, and counts the requests that they get from then on. */
function script(
  openai: Parameters<ReturnType<RunningGateway["upstream"]>["respondWith"]>[0],
  claude: Parameters<ReturnType<RunningGateway["upstream"]>["respondWith"]>[0],
): () => readonly [openai: number, claude: number] {
  const upstreams = [running.upstream("openai"), running.upstream("claude")] as const;
  upstreams[0].respondWith(openai);
  upstreams[1].respondWith(claude);
  const before = upstreams.map(({ requests }) => requests.length);
  const since = (index: 0 | 1): number => upstreams[index].requests.length - (before[index] ?? 0);
  return () => [since(0), since(1)];
}

test("tells the status of each attempt, in order, the last one included", async () => {
  script([failing(503)], [message("hi")]);
  const response = await chat(running, "both-status");
  expect([response.status, tried(response), response.headers.get("x-tollgate-target")]).toEqual([
    200,
    "openai;503, claude;200",
    "claude/claude-sonnet-4-5",
  ]);
  expect(await exchangeOf(running, "both-status")).toMatchObject({ attempts: 2, cluster: "claude" });
});

test("the policy's order decides, per model, on one route", async () => {
  script([completion("hi")], [failing(529)]);
  const response = await chat(running, "reverse-status");
  expect([response.status, tried(response)]).toEqual([200, "claude;529, openai;200"]);
});

test("the chain is walked again when it is shorter than the attempts", async () => {
  const counted = script([failing(500), completion("hi")], [failing(429)]);
  const response = await chat(running, "both-again");
  expect([response.status, tried(response)]).toEqual([200, "openai;500, claude;429, openai;200"]);
  expect(counted()).toEqual([2, 1]);
});

test("gives the last target's failure to the client when all have failed", async () => {
  const counted = script(
    () => failing(503),
    () => failing(529),
  );
  const response = await chat(running, "both-all");
  // OpenAI's words for a client of OpenAI, with the status that its SDK retries.
  expect(response.status).toBe(529);
  expect(await response.json()).toMatchObject({ error: { message: "scripted 529" } });
  expect(tried(response)).toBe("openai;503, claude;529, openai;503, claude;529");
  expect(counted()).toEqual([2, 2]);
  expect(await exchangeOf(running, "both-all")).toMatchObject({ outcome: "finished", status: 529 });
});

test("a model with one target is tried again there", async () => {
  const counted = script([failing(500), failing(502), failing(503), completion("hi")], []);
  const response = await chat(running, "openai-only");
  expect(tried(response)).toBe("openai;500, openai;502, openai;503, openai;200");
  expect(counted()).toEqual([4, 0]);
});

test.each([400, 401, 404, 422])("a %i is nobody else's to answer: no retry", async (status) => {
  const counted = script([failing(status)], []);
  const response = await chat(running, `both-${status}`);
  expect([response.status, tried(response), counted()]).toEqual([status, `openai;${status}`, [1, 0]]);
});

test("tells a connection that cannot be made, a reset, and a timeout", async () => {
  script([reset], () => message("hi"));
  expect(tried(await chat(running, "dead-first-refused"))).toBe("nobody;failed, claude;200");
  expect(tried(await chat(running, "both-reset"))).toBe("openai;failed, claude;200");
  script([hang], [message("hi")]);
  const began = Date.now();
  const response = await chat(running, "hasty-timeout");
  expect([response.status, tried(response)]).toEqual([200, "openai;timeout, claude;200"]);
  // The policy's 300 ms and not the route's 600 s.
  expect(Date.now() - began).toBeGreaterThanOrEqual(290);
  expect(Date.now() - began).toBeLessThan(3_000);
});

test("the policy's number of attempts holds, below and above the route's", async () => {
  const once = script([failing(503)], []);
  expect(tried(await chat(running, "once-one"))).toBe("openai;503");
  expect(once()).toEqual([1, 0]);

  const six = script(
    () => failing(503),
    () => failing(503),
  );
  expect((await chat(running, "six-tries")).status).toBe(503);
  expect(six()).toEqual([3, 3]);
});

test("a stream fails over as a whole answer does", async () => {
  script([failing(500)], [message("hi")]);
  const response = await chat(running, "both-streamed", { stream: true });
  expect([response.status, tried(response)]).toEqual([200, "openai;500, claude;200"]);
});
