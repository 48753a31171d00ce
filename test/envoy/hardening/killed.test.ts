import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../src/cli/demo/port.ts";
import { type RunningTollgate, startTollgate } from "../harness/tollgate.ts";
import { stream } from "../harness/upstream-answers.ts";
import { events, whole } from "./answers.ts";
import { type Client, pairs, type Stage, stage, type Target } from "./stage.ts";

// Tollgate dies under load, and another one takes its place. Envoy lives; what cannot be translated meanwhile is
// refused; and no byte of another dialect gets through, in either direction.

let running: Stage;
let successor: RunningTollgate | undefined;
let listen: string;

beforeAll(async () => {
  listen = `127.0.0.1:${await freePort()}`;
  running = await stage({ tollgate: { TOLLGATE_LISTEN: listen } });
  for (const target of ["openai", "claude"] as const) {
    running
      .upstream(target)
      .respondWith(({ headers }) =>
        headers["x-answer"] === "stream"
          ? stream(events(target, Array<string>(20).fill("word ")), { everyMs: 10 })
          : whole(target, "fine"),
      );
  }
});

afterAll(async () => {
  await successor?.stop();
  await running?.stop();
});

interface Seen {
  readonly client: Client;
  readonly status: number;
  readonly text: string;
  readonly isCut: boolean;
}

async function call(client: Client, target: Target, streamed: boolean): Promise<Seen> {
  const body = JSON.stringify({
    model: `to-${target}`,
    max_tokens: 9,
    stream: streamed,
    messages: [{ role: "user", content: "x" }],
  });
  const headers = { "x-answer": streamed ? "stream" : "whole" };
  const response = await running.call(client, body, { headers });
  let text = "";
  let isCut = false;
  try {
    for await (const part of response.body ?? []) text += Buffer.from(part).toString("utf8");
  } catch {
    isCut = true;
  }
  return { client, status: response.status, text, isCut };
}

/** Words that only the other dialect has. */
const foreign = {
  openai: /"type":"message|content_block|stop_reason/,
  anthropic: /"choices"|chat\.completion/,
};

/** Half of the clients stream: those that are cut learn it after a second (Envoy's `delayed_close_timeout`). */
async function load(number: number, until: { over: boolean }, seen: Seen[]): Promise<void> {
  for (let i = number; !until.over; i++) {
    const [client, target] = pairs[i % pairs.length] ?? (["openai", "openai"] as const);
    seen.push(await call(client, target, number % 2 === 0));
    await sleep(5);
  }
}

test("Envoy outlives Tollgate, refuses meanwhile, and goes on with the next", async () => {
  const until = { over: false };
  const seen: Seen[] = [];
  const clients = Promise.all(Array.from({ length: 12 }, (_, number) => load(number, until, seen)));
  await sleep(800);
  await running.tollgate.kill();
  const killedAt = seen.length;
  await sleep(500);
  const whileDown = await call("anthropic", "openai", false);
  successor = await startTollgate({ TOLLGATE_LISTEN: listen });
  await expect
    .poll(async () => (await call("openai", "claude", false)).status, { timeout: 10_000 })
    .toBe(200);
  await sleep(1200);
  const restartedAt = seen.length;
  await sleep(500);
  until.over = true;
  await clients;

  expect(whileDown.status).toBeGreaterThanOrEqual(500);
  const before = seen.slice(0, killedAt - 24);
  expect(before.length).toBeGreaterThan(10);
  expect(before.filter(({ status, isCut }) => status !== 200 || isCut)).toEqual([]);
  const after = seen.slice(restartedAt + 24);
  expect(after.length).toBeGreaterThan(10);
  expect(after.filter(({ status, isCut }) => status !== 200 || isCut)).toEqual([]);
  expect(seen.some(({ isCut }) => isCut)).toBe(true);
  const statuses = new Set(seen.map(({ status }) => (status >= 500 ? "5xx" : status)));
  expect([...statuses].sort()).toEqual([200, "5xx"]);
  expect(seen.filter(({ client, text }) => foreign[client].test(text))).toEqual([]);
});

test("no provider was sent what is meant for the other", () => {
  for (const { json } of running.upstream("openai").requests) {
    expect(json()).toMatchObject({ model: "gpt-4o" });
  }
  for (const { json } of running.upstream("claude").requests) {
    expect(json()).toMatchObject({ model: "claude-sonnet-4-5" });
  }
});
