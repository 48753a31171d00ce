import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unlearnedOutput } from "../../../src/exchange/abandoned.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { hang, stream } from "../harness/upstream-answers.ts";
import { completionPieces, failing, message, messagePieces, paced } from "./answers.ts";
import { accessOf, chat, exchangeOf, exchangesOf, hostPolicy, messages, routePolicy } from "./calls.ts";

// A client that hangs up, in every phase: the upstream is told, and the exchange is settled exactly once.

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: hostPolicy,
    routePolicy,
  });
});

afterAll(() => running?.stop());

/** The one record of it, with nothing more coming. */
async function settledOnce(model: string) {
  const line = await exchangeOf(running, model);
  await sleep(150);
  expect(exchangesOf(running, model)).toEqual([line]);
  expect(line).toMatchObject({ outcome: "cancelled", status: 0, reason: "closed_early" });
  return line;
}

const prompt = "a prompt of some length, so that its estimate is more than a few tokens";

test("before the upstream has answered", async () => {
  const upstream = running.upstream("openai");
  upstream.respondWith(() => hang);
  const client = new AbortController();
  const call = chat(running, "openai-early", { signal: client.signal, prompt }).catch(() => "aborted");
  const request = await upstream.request(upstream.requests.length);
  client.abort();
  expect(await call).toBe("aborted");
  expect(await request.done).toBe("cancelled");
  const line = await settledOnce("openai-early");
  expect(line).toMatchObject({ tokens_estimated: true, attempts: 1, cluster: "openai" });
  // The provider bills what it was sent, and finishes an answer that is not streamed.
  expect(line["output_tokens"]).toBe(unlearnedOutput);
  expect(line["input_tokens"]).toBeGreaterThan(10);
  expect(line["cost_nano_usd"]).toBeGreaterThan(0);
  expect(await accessOf(running, "openai-early")).toMatchObject({ flags: "DC" });
});

test("while a later attempt is under way", async () => {
  running.upstream("openai").respondWith(() => failing(503));
  const claude = running.upstream("claude");
  claude.respondWith(() => hang);
  const client = new AbortController();
  const call = chat(running, "both-later", { signal: client.signal }).catch(() => "aborted");
  const request = await claude.request(claude.requests.length);
  client.abort();
  await call;
  expect(await request.done).toBe("cancelled");
  expect(await settledOnce("both-later")).toMatchObject({ attempts: 2, cluster: "claude" });
});

test("while Envoy waits before it tries again", async () => {
  const upstream = running.upstream("openai");
  upstream.respondWith(() => failing(429, { "retry-after": "5" }));
  const client = new AbortController();
  const before = upstream.requests.length;
  const call = chat(running, "openai-waiting", { signal: client.signal }).catch(() => "aborted");
  await (await upstream.request(before)).done;
  await sleep(50);
  client.abort();
  await call;
  expect(await settledOnce("openai-waiting")).toMatchObject({ attempts: 1 });
  expect(upstream.requests.length).toBe(before + 1);
});

test.each([
  { client: "openai-chat", call: chat, target: "openai" },
  { client: "openai-chat", call: chat, target: "claude" },
  { client: "anthropic", call: messages, target: "claude" },
  { client: "anthropic", call: messages, target: "openai" },
])("in the middle of a stream: $client from $target", async ({ client, call, target }) => {
  const words = Array.from({ length: 200 }, (_, index) => ` word${index}`);
  const pieces = target === "openai" ? completionPieces(words) : messagePieces(words);
  const upstream = running.upstream(target);
  upstream.respondWith([stream(paced(pieces, 10))]);
  const abort = new AbortController();
  const model = `${target}-mid-${client}`;
  const response = await call(running, model, { stream: true, signal: abort.signal });
  let seen = "";
  const reading = (async () => {
    for await (const chunk of response.body ?? []) {
      seen += Buffer.from(chunk).toString();
      if (seen.includes("word20")) abort.abort();
    }
  })();
  await expect(reading).rejects.toThrow();
  expect(await upstream.requests.at(-1)?.done).toBe("cancelled");
  const line = await settledOnce(model);
  expect(line).toMatchObject({ stream: true, tokens_estimated: true, cluster: target });
  expect(line["output_tokens"]).toBeGreaterThan(15);
  expect(line["output_tokens"]).toBeLessThan(300);
});

test("while a whole answer is being collected", async () => {
  const upstream = running.upstream("claude");
  const { body } = message("hi") as { body: Uint8Array };
  const half = body.subarray(0, body.length / 2);
  const headers = { "content-type": "application/json", "content-length": String(body.length) };
  upstream.respondWith([stream([half], { headers, end: "hang" })]);
  const client = new AbortController();
  const call = chat(running, "claude-half", { signal: client.signal, prompt }).catch(() => "aborted");
  const request = await upstream.request(upstream.requests.length);
  await sleep(100);
  client.abort();
  expect(await call).toBe("aborted");
  expect(await request.done).toBe("cancelled");
  expect(await settledOnce("claude-half")).toMatchObject({ tokens_estimated: true });
});

test("while the request is still being sent", async () => {
  const before = running.tollgate.logs().length;
  const { port } = running.envoy;
  const socket = connect(port, "127.0.0.1");
  const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n";
  await new Promise<void>((resolve) => socket.write(`${head}{"model":"openai-`, () => resolve()));
  await sleep(100);
  socket.destroy();
  const line = await running.tollgate.log.find(
    (entry) => entry["outcome"] === "cancelled" && entry["model_asked"] === undefined,
  );
  expect(line).toMatchObject({ attempts: 0, input_tokens: 0, output_tokens: 0, cost_nano_usd: 0 });
  await sleep(100);
  expect(running.tollgate.logs().length).toBe(before + 1);
});

test("nothing is left in flight", async () => {
  const page = await (await fetch(`http://${running.tollgate.admin}/metrics`)).text();
  expect(page).toMatch(/^tollgate_inflight_exchanges 0$/m);
});
