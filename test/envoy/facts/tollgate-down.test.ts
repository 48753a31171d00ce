import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { startTollgate } from "../harness/tollgate.ts";
import { hang, stream } from "../harness/upstream-answers.ts";
import { completion, completionPieces, failing, paced } from "./answers.ts";
import { chat, chatBody, hostPolicy, routePolicy } from "./calls.ts";

// What a dead Tollgate means: closed routes refuse, open ones go on without it (fact 12). In this order: it dies once.

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: hostPolicy,
    setup: { messageTimeout: "1s" },
    routes: [
      { kind: "gated", name: "closed", prefix: "/v1/", policy: routePolicy, defaultCluster: "openai" },
      {
        kind: "gated",
        name: "open",
        prefix: "/open/",
        policy: routePolicy,
        defaultCluster: "openai",
        failureModeAllow: true,
      },
    ],
  });
});

afterAll(() => running?.stop());

const open = { prefix: "/open/v1/" };

test("while it lives, a route that fails open is gated like any other", async () => {
  const response = await chat(running, "nothing-served", open);
  expect([response.status, running.upstream("openai").requests.length]).toEqual([404, 0]);
});

test("while it hangs, closed routes refuse and open ones go on, each after the time it is given", async () => {
  const upstream = running.upstream("openai");
  upstream.respondWith([completion("hi")]);
  process.kill(running.tollgate.pid, "SIGSTOP");
  try {
    const [closed, opened] = await Promise.all([
      chat(running, "openai-hung"),
      chat(running, "openai-hung", open),
    ]);
    expect([closed.status, opened.status]).toEqual([504, 200]);
  } finally {
    process.kill(running.tollgate.pid, "SIGCONT");
  }
  expect(upstream.requests.map(({ path }) => path)).toEqual(["/open/v1/chat/completions"]);
  upstream.respondWith([completion("hi")]);
  expect((await chat(running, "openai-woken")).headers.get("x-tollgate-target")).toBe("openai/gpt-4o");
});

test("dying in the middle of answers, it leaves none that look complete", async () => {
  const pieces = paced(completionPieces(["one", " two", " three", " four"]), 150);
  running.upstream("openai").respondWith(({ path }) => (path.endsWith("hang") ? hang : stream(pieces)));
  const streamed = await chat(running, "openai-dying", { stream: true });
  const reader = streamed.body?.getReader();
  await reader?.read();
  running.upstream("claude").respondWith(() => hang);
  const waiting = chat(running, "claude-dying");
  const pending = await running.upstream("claude").request(0);
  await running.tollgate.kill();

  let rest = "";
  const reading = (async () => {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      rest += Buffer.from(part.value).toString();
    }
  })();
  await expect(reading).rejects.toThrow();
  expect(rest).not.toContain("[DONE]");

  expect((await waiting).status).toBe(500);
  expect(await pending.done).toBe("cancelled");
});

test("a closed route refuses, and no provider hears of it", async () => {
  const before = running.upstream("openai").requests.length;
  expect((await chat(running, "openai-closed")).status).toBe(500);
  expect(running.upstream("openai").requests.length).toBe(before);
});

test("an open route sends the client's own bytes to its default cluster", async () => {
  const before = running.upstream("openai").requests.length;
  running.upstream("openai").respondWith([completion("hi")]);
  const response = await chat(running, "both-open", open);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-tollgate-target")).toBeNull();
  const [request] = running.upstream("openai").requests.slice(before);
  expect(request?.body.toString()).toBe(JSON.stringify(chatBody("both-open")));
});

test("but not a second time: an attempt is nothing to be opened", async () => {
  const before = running.upstream("openai").requests.length;
  running.upstream("openai").respondWith(() => failing(503));
  expect((await chat(running, "both-open-retry", open)).status).toBe(500);
  expect(running.upstream("openai").requests.length).toBe(before + 1);
});

test("once it is back, both are gated again", async () => {
  const again = await startTollgate({ TOLLGATE_LISTEN: running.tollgate.listen });
  try {
    running.upstream("openai").respondWith(() => completion("hi"));
    let response = await chat(running, "openai-back");
    // Envoy waits before it connects anew, and checks its health every two seconds.
    for (let tries = 0; response.status !== 200 && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      response = await chat(running, "openai-back");
    }
    expect(response.headers.get("x-tollgate-target")).toBe("openai/gpt-4o");
    expect((await chat(running, "nothing-served", open)).status).toBe(404);
  } finally {
    await again.stop();
  }
});
