import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completion, failing, message, reported } from "../facts/answers.ts";
import { chat, exchangeOf, messages } from "../facts/calls.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { hang } from "../harness/upstream-answers.ts";

// Limits before a real Envoy, counted in one process: what each kind counts, and what callers are told by their own SDKs.

let running: RunningGateway;

const backOff = { baseInterval: "0.001s", maxInterval: "0.002s" };
const toOpenai = { targets: [{ cluster: "openai", model: "gpt-4o" }] };

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: { targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } } },
    routes: ["v1", "v1beta"].map((name) => ({
      kind: "gated" as const,
      name,
      retry: { backOff },
      prefix: `/${name}/`,
      policy: {
        models: {
          "m*": toOpenai,
          "both*": {
            targets: [...toOpenai.targets, { cluster: "claude", model: "claude-sonnet-4-5" }],
            attempts: 2,
          },
        },
        limits: [
          { name: "sdk", by: ["user"], when: { user: "sdk-*" }, requests: 1, window: "1h" },
          { name: "short", by: ["user"], when: { user: "short" }, requests: 2, window: "1s" },
          { name: "early", by: ["user"], when: { user: "early" }, requests: 1, window: "1h" },
          { name: "at-once", by: ["user"], when: { user: "many" }, concurrent: 2 },
          { name: "tokens", by: ["user"], when: { user: "wordy" }, tokens: 3000, window: "1h" },
          { name: "money", by: ["user"], when: { user: "rich" }, usd: "0.01", window: "1h" },
          {
            name: "watched",
            by: ["user"],
            when: { user: "watched" },
            requests: 1,
            window: "1h",
            mode: "observe",
          },
          {
            name: "of-target",
            by: ["target"],
            when: { user: "spread", target: "openai" },
            requests: 2,
            window: "1h",
          },
          { name: "of-model", by: ["model"], when: { user: "choosy" }, requests: 1, window: "1h" },
        ],
      },
    })),
  });
  running.upstream("openai").respondWith(() => completion("hi"));
  running.upstream("claude").respondWith(() => message("hi"));
});

afterAll(() => running?.stop());

const as = (user: string) => ({ headers: { "x-user-id": user } });
const ask = (user: string, model = `m-${user}`, fields = {}) => chat(running, model, { ...as(user), fields });

describe("a caller above its limit", () => {
  const options = { apiKey: "any", maxRetries: 0 };
  const asked = { model: "m-sdk", messages: [{ role: "user" as const, content: "hi" }] };

  test("is told so by OpenAI's SDK", async () => {
    const client = new OpenAI({
      ...options,
      baseURL: `${running.url}/v1`,
      defaultHeaders: { "x-user-id": "sdk-openai" },
    });
    const { response } = await client.chat.completions.create(asked).withResponse();
    expect(response.headers.get("x-ratelimit-limit-requests")).toBe("1");
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(response.headers.get("x-ratelimit-reset-requests")).toMatch(/^(1h[01]m\d+s|59m\d+s)$/);
    const error = await client.chat.completions.create(asked).catch((thrown: unknown) => thrown);
    if (!(error instanceof OpenAI.RateLimitError)) throw error;
    expect(error.code).toBe("rate_limit_exceeded");
    expect(error.message).toContain('the limit "sdk" of 1 requests in 1h has been reached');
    expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(3_500);
    expect(error.headers?.get("x-should-retry")).toBe("false");
    expect(error.headers?.get("x-tollgate-reason")).toBe("rate_limited");
  });

  test("is told so by Anthropic's SDK", async () => {
    const client = new Anthropic({
      ...options,
      baseURL: running.url,
      defaultHeaders: { "x-user-id": "sdk-anthropic" },
    });
    await client.messages.create({ ...asked, max_tokens: 16 });
    const again = client.messages.create({ ...asked, max_tokens: 16 });
    const error = await again.catch((thrown: unknown) => thrown);
    if (!(error instanceof Anthropic.RateLimitError)) throw error;
    expect(error.error).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
  });

  test("is told so by Google's SDK", async () => {
    const httpOptions = { baseUrl: running.url, headers: { "x-user-id": "sdk-google" } };
    const client = new GoogleGenAI({ apiKey: "any", httpOptions });
    await client.models.generateContent({ model: "m-sdk", contents: "hi" });
    const again = client.models.generateContent({ model: "m-sdk", contents: "hi" });
    const error = await again.catch((thrown: unknown) => thrown);
    if (!(error instanceof ApiError)) throw error;
    expect(error.status).toBe(429);
    expect(error.message).toContain("RESOURCE_EXHAUSTED");
  });
});

test("a window goes on: what was used leaves it again", async () => {
  const statuses = async () => [(await ask("short")).status, (await ask("short")).status];
  expect(await statuses()).toEqual([200, 200]);
  const refused = await ask("short");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("x-should-retry")).toBeNull();
  await sleep(1_100);
  expect(await statuses()).toEqual([200, 200]);
});

test("a refused request is not read to its end, and costs nothing", async () => {
  expect((await ask("early")).status).toBe(200);
  const url = new URL(`${running.url}/v1/chat/completions`);
  const headers = { "content-type": "application/json", "content-length": 900_000, "x-user-id": "early" };
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
      request.destroy();
    });
    request.on("error", reject);
    // Of a body that never comes.
    request.write('{"model": "m-early", "messages": [');
  });
  expect(status).toBe(429);
});

test("calls at a time are counted while they last", async () => {
  const gone = new AbortController();
  const before = running.upstream("openai").requests.length;
  running.upstream("openai").respondWith(() => hang);
  const options = { ...as("many"), signal: gone.signal };
  const held = [chat(running, "m-held-1", options), chat(running, "m-held-2", options)];
  await expect.poll(() => running.upstream("openai").requests.length).toBe(before + 2);
  const third = await ask("many");
  expect(third.status).toBe(429);
  expect(await third.text()).toContain("2 calls at a time");
  gone.abort();
  await Promise.allSettled(held);
  running.upstream("openai").respondWith(() => completion("hi"));
  await expect.poll(async () => (await ask("many")).status).toBe(200);
});

test("tokens are reserved as the request may need them, and settled as they were used", async () => {
  // What the provider reports is 1,100 tokens; 2,000 are reserved, and given back in part.
  const first = await ask("wordy", "m-wordy", { max_tokens: 1_900 });
  expect(first.status).toBe(200);
  expect(Number(first.headers.get("x-ratelimit-remaining-tokens"))).toBeLessThan(1_100);
  const used = reported.input + reported.output;
  await exchangeOf(running, "m-wordy");
  const second = await ask("wordy", "m-wordy-2", { max_tokens: 1_000 });
  expect(second.status).toBe(200);
  expect(Number(second.headers.get("x-ratelimit-remaining-tokens"))).toBeLessThan(3_000 - used - 1_000);
  await exchangeOf(running, "m-wordy-2");
  const third = await ask("wordy", "m-wordy-3", { max_tokens: 1_000 });
  expect(third.status).toBe(429);
  const fourth = await ask("wordy", "m-wordy-4", { max_tokens: 500 });
  expect(fourth.status).toBe(200);
  const never = await ask("wordy", "m-wordy-5", { max_tokens: 50_000 });
  expect(never.status).toBe(429);
  expect(await never.text()).toContain("this request alone is above");
  expect(never.headers.get("retry-after")).toBeNull();
});

test("money is limited too", async () => {
  // 1,000 tokens in and 100 out are 0.0035 dollars.
  for (const number of [1, 2]) {
    expect((await ask("rich", `m-rich-${number}`, { max_tokens: 100 })).status).toBe(200);
    await exchangeOf(running, `m-rich-${number}`);
  }
  const refused = await ask("rich", "m-rich-3", { max_tokens: 400 });
  expect(refused.status).toBe(429);
  expect(await refused.text()).toContain('the limit \\"money\\" of 0.01 USD in 1h');
});

test("who observes says what would have been refused", async () => {
  expect((await ask("watched", "m-watched-1")).status).toBe(200);
  const second = await ask("watched", "m-watched-2");
  expect(second.status).toBe(200);
  expect(second.headers.get("x-ratelimit-limit-requests")).toBeNull();
  expect(await exchangeOf(running, "m-watched-2")).toMatchObject({ rulings: ["would_refuse watched"] });
  const metrics = await fetch(`http://${running.tollgate.admin}/metrics`).then((page) => page.text());
  expect(metrics).toMatch(/tollgate_rulings_total\{[^}]*rule="watched"[^}]*verdict="would_refuse"[^}]*\} 1/);
});

test("a target at its limit is passed over, and what others took over is not its own", async () => {
  const targetOf = async (model: string) =>
    (await ask("spread", model)).headers.get("x-tollgate-target")?.split("/")[0];
  expect(await targetOf("both-1")).toBe("openai");
  running.upstream("openai").respondWith(() => failing(503));
  // Tried there all the same.
  expect(await targetOf("both-2")).toBe("claude");
  running.upstream("openai").respondWith(() => completion("hi"));
  await exchangeOf(running, "both-2");
  expect(await targetOf("both-3")).toBe("claude");
  expect(await targetOf("both-4")).toBe("claude");
  // Nobody else is there.
  expect((await ask("spread", "m-spread")).status).toBe(429);
});

test("each model has a counter of its own where it is counted by", async () => {
  expect((await ask("choosy", "m-one")).status).toBe(200);
  expect((await ask("choosy", "m-two")).status).toBe(200);
  expect((await ask("choosy", "m-one")).status).toBe(429);
});

test("what was wrong with a request is not counted", async () => {
  const wrong = await messages(running, "m-sdk", { ...as("sdk-wrong"), fields: { messages: "none" } });
  expect(wrong.status).toBe(400);
  expect((await messages(running, "m-sdk", as("sdk-wrong"))).status).toBe(200);
  expect((await messages(running, "m-sdk", as("sdk-wrong"))).status).toBe(429);
});
