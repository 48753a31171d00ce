import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { completion, failing, message } from "./answers.ts";
import { chat, hostPolicy, routePolicy } from "./calls.ts";

// How many ext_proc streams a call costs, and that their ends do no harm (facts 4 and 19).

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [
      { name: "openai", script: () => completion("hi") },
      { name: "claude", script: () => message("hi") },
    ],
    policy: hostPolicy,
    routePolicy,
  });
});

afterAll(() => running?.stop());

/** Streams that Envoy has opened to Tollgate; health checks are not among them. */
const streams = (): Promise<number> => running.envoy.stat("cluster.tollgate.upstream_rq_total");

async function streamsOf(call: () => Promise<Response>): Promise<number> {
  const before = await streams();
  await (await call()).arrayBuffer();
  return (await streams()) - before;
}

test("one for a call that is answered by its first target", async () => {
  expect(await streamsOf(() => chat(running, "openai-one"))).toBe(1);
  expect(await streamsOf(() => chat(running, "claude-one"))).toBe(1);
});

test("one for a call that passes through", async () => {
  expect(await streamsOf(() => fetch(`${running.url}/v1/files`))).toBe(1);
});

test("two more for each failover: that it failed, and what to send next", async () => {
  running.upstream("openai").respondWith([failing(503)]);
  expect(await streamsOf(() => chat(running, "both-three"))).toBe(3);
  running.upstream("openai").respondWith(() => completion("hi"));
});

// Without the graceful close each end would be a reset, and Node closes a connection that saw a thousand.
test("some 1,500 calls over few connections, and none fails", async () => {
  const statuses = new Map<number, number>();
  const caller = async (): Promise<void> => {
    for (let call = 0; call < 94; call++) {
      const response = await chat(running, "openai-many");
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  expect([...statuses]).toEqual([[200, 16 * 94]]);
});
