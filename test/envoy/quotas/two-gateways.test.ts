import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { redisBinary } from "../../contract/stores/redis-binary.ts";
import { type RedisServer, startRedis } from "../../contract/stores/redis-server.ts";
import { completion } from "../facts/answers.ts";
import { chat } from "../facts/calls.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { hang } from "../harness/upstream-answers.ts";

// Two gateways and one Redis: every limit is one limit. And what happens when Redis is away.

let redis: RedisServer;
let one: RunningGateway;
let other: RunningGateway;

const limit = (user: string, more: JsonObject): JsonObject => ({
  name: user,
  by: ["user"],
  when: { user },
  ...more,
});

const policy: JsonObject = {
  targets: { openai: { provider: "openai" } },
  models: { "m*": { targets: [{ cluster: "openai", model: "gpt-4o" }] } },
  prices: { "gpt-4o": { input: 2.5, output: 10 } },
  limits: [
    limit("often", { requests: 40, window: "1h" }),
    limit("wordy", { tokens: 20_000, window: "1h" }),
    limit("many", { concurrent: 5 }),
    limit("lenient", { requests: 10, window: "1h" }),
    limit("strict", { requests: 1_000, window: "1h", on_store_failure: "refuse" }),
  ],
  budgets: [limit("spender", { usd: 0.05, window: "month" })],
};

const binary = await redisBinary();

beforeAll(async () => {
  if (binary === undefined) return;
  redis = await startRedis({ binary, keepsData: true });
  const options = {
    clusters: [{ name: "openai", script: () => completion("hi") }],
    routePolicy: policy,
    tollgate: { REDIS_URL: redis.url },
  };
  one = await gateway(options);
  other = await gateway(options);
});

afterAll(async () => {
  await one?.stop();
  await other?.stop();
  await redis?.stop();
});

let calls = 0;
/** Turn about. @returns how many of each status there were */
async function crowd(user: string, count: number, fields: JsonObject = {}): Promise<Record<string, number>> {
  const prompt = "some words to read ".repeat(260);
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      calls++;
      const running = n % 2 === 0 ? one : other;
      const options = { headers: { "x-user-id": user }, prompt, fields };
      return (await chat(running, `m-${user}-${calls}`, options)).status;
    }),
  );
  const counts: Record<string, number> = {};
  for (const status of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** What the first gateway's metrics say. */
async function isUp(): Promise<string | undefined> {
  const page = await fetch(`http://${one.tollgate.admin}/metrics`).then((answer) => answer.text());
  return /^tollgate_counters_up (\d)$/m.exec(page)?.[1];
}

describe.skipIf(binary === undefined)("two gateways and one Redis", () => {
  test("requests: of a hundred at two doors forty are served", async () => {
    expect(await crowd("often", 100)).toEqual({ 200: 40, 429: 60 });
    expect(await crowd("often", 10)).toEqual({ 429: 10 });
  });

  test("tokens: no more than there are, whoever asks", async () => {
    const { 200: served = 0 } = await crowd("wordy", 60, { max_tokens: 100 });
    // Each reserves some 1,400, and comes to 1,100.
    expect(served).toBeGreaterThanOrEqual(13);
    expect(served).toBeLessThanOrEqual(18);
  });

  test("money: the budget is one", async () => {
    const { 200: served = 0 } = await crowd("spender", 60, { max_tokens: 100 });
    // Each reserves 0.0043 dollars, and comes to 0.0035.
    expect(served * 3_500_000).toBeLessThanOrEqual(50_000_000);
    expect(served).toBeGreaterThanOrEqual(11);
  });

  test("calls at a time are counted at both doors", async () => {
    const gone = new AbortController();
    const arrived = () => one.upstream("openai").requests.length + other.upstream("openai").requests.length;
    const before = arrived();
    for (const running of [one, other]) running.upstream("openai").respondWith(() => hang);
    const held = [one, other, one, other, one].map((running, n) =>
      chat(running, `m-held-${n}`, { headers: { "x-user-id": "many" }, signal: gone.signal }).catch(() => {}),
    );
    await expect.poll(arrived, { timeout: 5_000 }).toBe(before + 5);
    expect(await crowd("many", 2)).toEqual({ 429: 2 });
    gone.abort();
    await Promise.all(held);
    for (const running of [one, other]) running.upstream("openai").respondWith(() => completion("hi"));
    await expect.poll(() => crowd("many", 1), { timeout: 5_000 }).toEqual({ 200: 1 });
  });

  test("without Redis lenient limits are kept by each gateway for itself, strict ones refuse", async () => {
    expect(await crowd("lenient", 4)).toEqual({ 200: 4 });
    expect(await crowd("strict", 2)).toEqual({ 200: 2 });
    await redis.kill();
    // Each goes on from what it saw last: from 2 at least, from 4 at most.
    await expect.poll(() => crowd("strict", 2), { timeout: 10_000 }).toEqual({ 503: 2 });
    const { 200: alone = 0, 429: refused = 0 } = await crowd("lenient", 40);
    expect(alone).toBeGreaterThanOrEqual(2 * (10 - 4));
    expect(alone).toBeLessThanOrEqual(2 * (10 - 2));
    expect(alone + refused).toBe(40);
    expect(await isUp()).toBe("0");

    await redis.start();
    await expect.poll(() => crowd("strict", 2), { timeout: 15_000 }).toEqual({ 200: 2 });
    // What was served meanwhile is told to Redis, and is above the limit now.
    await expect.poll(() => crowd("lenient", 2), { timeout: 10_000 }).toEqual({ 429: 2 });
    await expect.poll(isUp, { timeout: 10_000 }).toBe("1");
    const told = () => {
      const news = one.tollgate.logs().map(({ msg }) => String(msg));
      return news.filter((text) => text.startsWith("shared counters"));
    };
    expect(told().at(0)).toBe("shared counters out of reach, counting alone");
    await expect.poll(() => told().at(-1)).toBe("shared counters reached again");
  });
});
