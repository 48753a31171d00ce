import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { completion, failing, message } from "../facts/answers.ts";
import { at, chat, exchangeOf } from "../facts/calls.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { rowsOf } from "../ledger/rows.ts";

// Budgets before a real Envoy: what is reserved, what is spent, and what is done on the way to the end.

const env = { TOLLGATE_DATA_DIR: mkdtempSync(join(tmpdir(), "tollgate-budgets-")) };
let running: RunningGateway;

/** In dollars a million tokens. The upstreams report 1,000 tokens in and 100 out: 0.0035 dollars, or 0.00035. */
const prices = { "gpt-4o": { input: 2.5, output: 10 }, "gpt-4o-mini": { input: 0.25, output: 1 } };
const callCost = 3_500_000;

const budget = (name: string, more: JsonObject): JsonObject => ({
  name,
  by: ["department"],
  when: { department: name },
  window: "month",
  ...more,
});

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: { targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } }, prices },
    routePolicy: {
      models: {
        "m*": { targets: [{ cluster: "openai", model: "gpt-4o" }] },
        "cheap*": { targets: [{ cluster: "openai", model: "gpt-4o-mini" }] },
        "odd*": { targets: [{ cluster: "openai", model: "of-nobody-knows-which-price" }] },
        "both*": {
          targets: [
            { cluster: "openai", model: "gpt-4o" },
            { cluster: "claude", model: "claude-sonnet-4-5" },
          ],
        },
      },
      budgets: [
        budget("crowd", { usd: 0.05 }),
        budget("sdk", { usd: 0.0001, window: "day", time_zone: "Europe/Berlin" }),
        budget("steps", {
          usd: 0.02,
          steps: [
            { at: 0.1, do: "warn" },
            { at: 0.3, do: { max_tokens: 20 } },
            { at: 0.5, do: { model: "cheap" } },
          ],
        }),
        budget("watched", { usd: 0.0001, mode: "observe" }),
        budget("exact", { usd: 5, unpriced: "refuse" }),
        budget("retries", { usd: 5 }),
      ],
    },
    tollgate: env,
  });
  running.upstream("openai").respondWith(() => completion("hi"));
  running.upstream("claude").respondWith(() => message("hi"));
});

afterAll(async () => {
  await running?.stop();
  rmSync(env.TOLLGATE_DATA_DIR, { recursive: true, force: true });
});

/** Some 1,250 tokens: no fewer than the upstream will bill. */
const prompt = "some words to read ".repeat(260);

function ask(department: string, model: string, fields: JsonObject = { max_tokens: 100 }): Promise<Response> {
  return chat(running, model, { headers: { "x-department": department }, prompt, fields });
}

const costOf = (response: Response) =>
  Math.round(Number(response.headers.get("x-tollgate-cost") ?? "0") * 1_000_000_000);

test("a crowd that comes at once spends no more than there is, and all that is given back is spent", async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => ask("crowd", `m-crowd-${n}`)));
  const served = answers.filter(({ status }) => status === 200);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  let spent = served.reduce((sum, answer) => sum + costOf(answer), 0);
  expect(spent).toBe(served.length * callCost);
  // One after the other, until there is no room for another.
  for (let n = 0; n < 20; n++) {
    const answer = await ask("crowd", `m-after-${n}`);
    if (answer.status !== 200) break;
    spent += costOf(answer);
    await exchangeOf(running, `m-after-${n}`);
  }
  expect(spent).toBeLessThanOrEqual(50_000_000);
  expect(spent).toBeGreaterThan(50_000_000 - 2 * callCost);
});

test("an SDK is told that the budget is spent, and not to try again", async () => {
  const client = new OpenAI({
    apiKey: "any",
    baseURL: `${running.url}/v1`,
    defaultHeaders: { "x-department": "sdk" },
  });
  const before = running.upstream("openai").requests.length;
  const call = client.chat.completions.create({
    model: "m-sdk",
    messages: [{ role: "user", content: "hi" }],
  });
  const error = await call.catch((thrown: unknown) => thrown);
  if (!(error instanceof OpenAI.RateLimitError)) throw error;
  expect(error.code).toBe("insufficient_quota");
  expect(error.message).toContain('the budget "sdk" of 0.0001 USD a day');
  expect(error.headers?.get("x-tollgate-reason")).toBe("budget_exceeded");
  expect(running.upstream("openai").requests.length).toBe(before);
  expect(await exchangeOf(running, "m-sdk")).toMatchObject({ rulings: ["refused sdk"], charged_nano_usd: 0 });
});

test("steps: a warning, a shorter answer, a cheaper model", async () => {
  const upstream = running.upstream("openai");
  const seen: unknown[] = [];
  for (let n = 1; n <= 6; n++) {
    const answer = await ask("steps", `m-steps-${n}`);
    expect(answer.status).toBe(200);
    await exchangeOf(running, `m-steps-${n}`);
    const asked = upstream.requests.at(-1)?.json();
    const told = answer.headers.get("x-tollgate-budget");
    seen.push([at(asked, "model"), at(asked, "max_tokens"), told]);
  }
  expect(seen).toEqual([
    ["gpt-4o", 100, null],
    ["gpt-4o", 100, "steps;used=0.17;do=warn"],
    ["gpt-4o", 20, "steps;used=0.35;do=warn, steps;used=0.35;do=max_tokens"],
    ["gpt-4o-mini", 20, "steps;used=0.53;do=warn, steps;used=0.53;do=max_tokens, steps;used=0.53;do=model"],
    ["gpt-4o-mini", 20, "steps;used=0.54;do=warn, steps;used=0.54;do=max_tokens, steps;used=0.54;do=model"],
    ["gpt-4o-mini", 20, "steps;used=0.56;do=warn, steps;used=0.56;do=max_tokens, steps;used=0.56;do=model"],
  ]);
  expect(await exchangeOf(running, "m-steps-4")).toMatchObject({
    model_asked: "m-steps-4",
    rulings: ["warned steps", "max_tokens_capped steps", "model_changed steps"],
    charged_nano_usd: callCost / 10,
  });
});

test("who observes serves, and says what would have been refused", async () => {
  expect((await ask("watched", "m-watched")).status).toBe(200);
  expect(await exchangeOf(running, "m-watched")).toMatchObject({ rulings: ["would_refuse watched"] });
});

test("a model without a price is refused where a budget must be kept", async () => {
  const refused = await ask("exact", "odd-one");
  expect([refused.status, refused.headers.get("x-tollgate-reason")]).toEqual([403, "model_not_priced"]);
  expect((await ask("exact", "m-exact")).status).toBe(200);
});

test("what was reserved is in the ledger beside what was spent", async () => {
  running.upstream("openai").respondWith(() => failing(503));
  const answer = await ask("retries", "both-retries");
  running.upstream("openai").respondWith(() => completion("hi"));
  expect(answer.headers.get("x-tollgate-attempts")).toBe("openai;503, claude;200");
  const sql =
    "SELECT charged_nano_usd, reserved_nano_usd FROM ledger_exchanges WHERE model_asked = 'both-retries'";
  await expect.poll(() => rowsOf(env, sql), { timeout: 10_000 }).toHaveLength(1);
  const [row] = await rowsOf(env, sql);
  // Claude is the dearer one: 3 and 15 dollars, and 3.75 for what is written to its cache.
  expect(Number(row?.["charged_nano_usd"])).toBe(4_500_000);
  expect(Number(row?.["reserved_nano_usd"])).toBeGreaterThan(1_250 * 3_750);
  expect(Number(row?.["reserved_nano_usd"])).toBeLessThan(1_500 * 3_750 + 100 * 15_000);
});
