/** What callers and SDKs are told: headers, and the texts of refusals. */
import { describe, expect, it, test } from "vitest";
import type { JsonObject } from "../../../../src/json/types.ts";
import { countedOf } from "../../../../src/rules/quota/counted.ts";
import { NearlyFull } from "../../../../src/rules/quota/nearly-full.ts";
import { durationText, rateLimitHeaders } from "../../../../src/rules/quota/rate-limit-headers.ts";
import { isFinal, notCounted, refusedBy, unpriced } from "../../../../src/rules/quota/refusals.ts";
import { budgetHeader, reachedSteps, withEarlier } from "../../../../src/rules/quota/steps.ts";
import type { Level } from "../../../../src/stores/counter-store.ts";
import { callOf, policyOf } from "./scene.ts";

const worst = { tokens: 100, nanoUsd: 100, unpriced: false };

function counted(written: JsonObject) {
  const policy = policyOf(written);
  return countedOf(policy.quotas, callOf(policy), { model: "m", target: "one" }, worst, 0);
}

const level = (used: number, reserved = 0, resetMs = 60_000): Level => ({ used, reserved, resetMs });

test.each([
  [0, "0ms"],
  [0.2, "1ms"],
  [120, "120ms"],
  [999, "999ms"],
  [999.5, "1s"],
  [1_000, "1s"],
  [1_001, "2s"],
  [59_999, "1m0s"],
  [360_000, "6m0s"],
  [3_600_000, "1h0m0s"],
  [3_605_000, "1h0m5s"],
  [90_061_000, "25h1m1s"],
])("%d ms are written as %s", (ms, text) => expect(durationText(ms)).toBe(text));

describe("x-ratelimit headers", () => {
  const limit = (name: string, more: JsonObject) => ({ name, window: "1m", ...more });

  it("tell of requests and tokens, and what is left with this exchange", () => {
    const limits = [limit("a", { requests: 10, tokens: 1_000 })];
    const headers = rateLimitHeaders(counted({ limits }), [level(3, 1), level(400, 100, 500)]);
    expect(headers).toEqual([
      ["x-ratelimit-limit-requests", "10"],
      ["x-ratelimit-remaining-requests", "6"],
      ["x-ratelimit-reset-requests", "1m0s"],
      ["x-ratelimit-limit-tokens", "1000"],
      ["x-ratelimit-remaining-tokens", "500"],
      ["x-ratelimit-reset-tokens", "500ms"],
    ]);
  });

  it("tell of the tightest: where the least is left, whatever its limit", () => {
    const limits = [
      limit("a", { requests: 10 }),
      limit("b", { requests: 100 }),
      limit("c", { requests: 50 }),
    ];
    const levels = [level(3), level(99, 0, 1_500), level(40)];
    expect(Object.fromEntries(rateLimitHeaders(counted({ limits }), levels))).toEqual({
      "x-ratelimit-limit-requests": "100",
      "x-ratelimit-remaining-requests": "1",
      "x-ratelimit-reset-requests": "2s",
    });
  });

  it("never tell of less than nothing", () => {
    const headers = rateLimitHeaders(counted({ limits: [limit("a", { tokens: 10 })] }), [level(25)]);
    expect(headers[1]).toEqual(["x-ratelimit-remaining-tokens", "0"]);
  });

  it("say nothing of money, of calls at a time, of who only observes", () => {
    const limits = [
      limit("a", { usd: 1, concurrent: 2 }),
      limit("b", { requests: 1, tokens: 1, mode: "observe" }),
    ];
    const budgets = [{ name: "c", usd: 1, window: "day" }];
    expect(rateLimitHeaders(counted({ limits, budgets }), Array(5).fill(level(1)))).toEqual([]);
  });
});

describe("who is refused", () => {
  const limits = (more: JsonObject) => policyOf({ limits: [{ name: "a", ...more }] }).quotas.limits[0];
  const budget = policyOf({ budgets: [{ name: "dept", usd: "500.50", window: "month" }] }).quotas.budgets[0];

  it.each<[JsonObject, string]>([
    [{ requests: 60, window: "1m" }, "60 requests in 1m"],
    [{ tokens: 1_000, window: "1d" }, "1000 tokens in 1d"],
    [{ usd: "0.25", window: "90s" }, "0.25 USD in 90s"],
    [{ usd: 100, window: "1h" }, "100 USD in 1h"],
    [{ concurrent: 8 }, "8 calls at a time"],
  ])("by %j is told of it", (more, words) => {
    const rule = limits(more);
    if (rule === undefined) throw new Error("no limit");
    expect(refusedBy(rule, 1_001)).toEqual({
      reason: "rate_limited",
      error: {
        ...{ kind: "rate-limit", status: 429, code: "rate_limit_exceeded", retryAfterSeconds: 2 },
        message: `the limit "a" of ${words} has been reached`,
      },
    });
    expect(refusedBy(rule, undefined).error).toEqual({
      ...{ kind: "rate-limit", status: 429, code: "rate_limit_exceeded" },
      message: `this request alone is above the limit "a" of ${words}`,
    });
  });

  it("by a budget is told of it", () => {
    if (budget === undefined) throw new Error("no budget");
    expect(refusedBy(budget, 3_600_000)).toEqual({
      reason: "budget_exceeded",
      error: {
        ...{ kind: "rate-limit", status: 429, code: "insufficient_quota", retryAfterSeconds: 3_600 },
        message: 'the budget "dept" of 500.5 USD a month is spent',
      },
    });
    expect(refusedBy(budget, undefined).error).toEqual({
      ...{ kind: "rate-limit", status: 429, code: "insufficient_quota" },
      message: 'this request alone may cost more than the budget "dept" of 500.5 USD a month has',
    });
    expect(unpriced(budget)).toMatchObject({ reason: "model_not_priced", error: { status: 403 } });
    expect(notCounted(budget)).toMatchObject({
      reason: "counters_unavailable",
      error: { status: 503, retryAfterSeconds: 1, message: expect.stringContaining('"dept"') },
    });
  });

  it.each([
    [undefined, true],
    [60_001, true],
    [60_000, false],
    [0, false],
  ])("after %s ms: need not try again by itself is %s", (ms, expected) => expect(isFinal(ms)).toBe(expected));
});

describe("the steps of a budget", () => {
  const steps = [
    { at: 0.5, do: "warn" },
    { at: 0.8, do: { max_tokens: 100 } },
    { at: 0.9, do: { max_tokens: 50 } },
    { at: 0.9, do: { model: "cheap" } },
    { at: 1, do: "reject" },
  ];
  const spent = (share: number, more: JsonObject = {}) =>
    reachedSteps(counted({ budgets: [{ name: "b", usd: 1, window: "day", steps, ...more }] }), [
      level(share * 0.25 * 1e9, share * 0.75 * 1e9),
    ]);

  it.each<[number, string]>([
    [0.49, ""],
    [0.5, "b;used=0.50;do=warn"],
    [0.8, "b;used=0.80;do=warn, b;used=0.80;do=max_tokens"],
    [0.95, "b;used=0.95;do=warn, b;used=0.95;do=max_tokens, b;used=0.95;do=model"],
    [1.5, "b;used=1.50;do=warn, b;used=1.50;do=max_tokens, b;used=1.50;do=model"],
  ])("at %d, settled and held together, are told as %j", (share, header) => {
    expect(budgetHeader(spent(share))).toBe(header);
  });

  it("of one kind count by the last", () => {
    expect(
      spent(0.95).flatMap(({ action }) => (action.kind === "max-tokens" ? [action.tokens] : [])),
    ).toEqual([50]);
  });

  it("are not taken by a budget that only observes", () => {
    expect(spent(1.5, { mode: "observe" })).toEqual([]);
  });

  it("once taken stay, though less is held now", () => {
    const later = withEarlier(spent(0.95), spent(0.4));
    expect(budgetHeader(later)).toBe(budgetHeader(spent(0.95)));
    const policy = spent(0.95);
    expect(withEarlier(policy, policy)).toEqual(policy);
  });
});

describe("counters that are nearly full", () => {
  const [first] = counted({ limits: [{ name: "a", requests: 100, window: "1m" }] });
  if (first === undefined) throw new Error("no limit");
  const { claim } = first;

  it("are noted from nine tenths on, settled and held together, until they are empty", () => {
    let nowMs = 0;
    const near = new NearlyFull(() => nowMs);
    near.note("acme", claim, level(80, 9));
    expect(near.has("acme", claim)).toBe(false);
    near.note("acme", claim, level(80, 10, 5_000));
    expect(near.has("acme", claim)).toBe(true);
    expect(near.has("other", claim)).toBe(false);
    nowMs = 4_999;
    expect(near.has("acme", claim)).toBe(true);
    nowMs = 5_000;
    expect(near.has("acme", claim)).toBe(false);
  });

  it("are forgotten when they are seen with room", () => {
    const near = new NearlyFull(() => 0);
    near.note("acme", claim, level(100));
    near.note("acme", claim, level(50));
    expect(near.has("acme", claim)).toBe(false);
  });

  it("are ten thousand at most, and the one noted for longest leaves first", () => {
    const near = new NearlyFull(() => 0);
    const numbered = (number: number) => ({ ...claim, key: String(number) });
    for (let number = 0; number < 10_000; number++) near.note("acme", numbered(number), level(100));
    near.note("acme", numbered(0), level(100));
    near.note("acme", numbered(10_000), level(100));
    expect([0, 1, 2, 10_000].map((number) => near.has("acme", numbered(number)))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});
