import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "../../../src/cli/demo/port.ts";
import { type RunningTollgate, startTollgate } from "../harness/tollgate.ts";
import { stream } from "../harness/upstream-answers.ts";
import { events, whole } from "./answers.ts";
import { type Client, pairs, type Stage, stage, type Target } from "./stage.ts";

// Tollgate dies under load, and another one takes its place. Envoy lives; what cannot be translated meanwhile is
// refused; and no byte of another dialect gets through, in either direction.

/** With the address that the next Tollgate will have to take over. */
async function stageAt(listen: string): Promise<Stage> {
  const running = await stage({ tollgate: { TOLLGATE_LISTEN: listen } });
  for (const target of ["openai", "claude"] as const) {
    running
      .upstream(target)
      .respondWith(({ headers }) =>
        headers["x-answer"] === "stream"
          ? stream(events(target, Array<string>(20).fill("word ")), { everyMs: 10 })
          : whole(target, "fine"),
      );
  }
  return running;
}

interface Seen {
  readonly client: Client;
  readonly status: number;
  readonly text: string;
  readonly isCut: boolean;
}

async function call(running: Stage, client: Client, target: Target, streamed: boolean): Promise<Seen> {
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
async function load(running: Stage, number: number, until: { over: boolean }, seen: Seen[]): Promise<void> {
  for (let i = number; !until.over; i++) {
    const [client, target] = pairs[i % pairs.length] ?? (["openai", "openai"] as const);
    seen.push(await call(running, client, target, number % 2 === 0));
    await sleep(5);
  }
}

/** What clients saw until Tollgate was killed, while it was away, and when another had been there for a while. */
interface Story {
  readonly before: readonly Seen[];
  readonly whileDown: Seen;
  readonly after: readonly Seen[];
  readonly all: readonly Seen[];
}

async function killAndReplace(running: Stage, replace: () => Promise<unknown>): Promise<Story> {
  const until = { over: false };
  const all: Seen[] = [];
  const clients = Promise.all(Array.from({ length: 12 }, (_, number) => load(running, number, until, all)));
  try {
    await sleep(800);
    // What is under way now is seen later.
    const before = [...all];
    await running.tollgate.kill();
    await sleep(500);
    const whileDown = await call(running, "anthropic", "openai", false);
    await replace();
    await expect
      .poll(async () => (await call(running, "openai", "claude", false)).status, { timeout: 10_000 })
      .toBe(200);
    await sleep(1200);
    // Each client may have one call under way that began before.
    const restartedAt = all.length + 12;
    await sleep(500);
    until.over = true;
    await clients;
    return { before, whileDown, after: all.slice(restartedAt), all };
  } finally {
    until.over = true;
    await clients.catch(() => {});
  }
}

const isFault = ({ status, isCut }: Seen) => status !== 200 || isCut;

test("Envoy outlives Tollgate, refuses meanwhile, and goes on with the next", async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const running = await stageAt(listen);
  let successor: RunningTollgate | undefined;
  try {
    const { before, whileDown, after, all } = await killAndReplace(running, async () => {
      successor = await startTollgate({ TOLLGATE_LISTEN: listen });
    });
    expect(whileDown.status).toBeGreaterThanOrEqual(500);
    expect(before.length).toBeGreaterThan(10);
    expect(before.filter(isFault)).toEqual([]);
    expect(after.length).toBeGreaterThan(10);
    expect(after.filter(isFault)).toEqual([]);
    expect(all.some(({ isCut }) => isCut)).toBe(true);
    const statuses = new Set(all.map(({ status }) => (status >= 500 ? "5xx" : status)));
    expect([...statuses].sort()).toEqual([200, "5xx"]);
    expect(all.filter(({ client, text }) => foreign[client].test(text))).toEqual([]);
    // No provider was sent what is meant for the other.
    for (const { json } of running.upstream("openai").requests) {
      expect(json()).toMatchObject({ model: "gpt-4o" });
    }
    for (const { json } of running.upstream("claude").requests) {
      expect(json()).toMatchObject({ model: "claude-sonnet-4-5" });
    }
  } finally {
    await successor?.stop();
    await running.stop();
  }
});
