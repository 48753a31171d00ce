import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/json/types.ts";
import { isRefusal } from "../../../../src/rules/rule.ts";
import { Scene } from "./scene.ts";

const ada = { user: "ada", plan: "free" };
const perUser = (more: JsonObject) => ({ name: "per-user", by: ["user"], window: "1m", ...more });
/** Nano-dollars, as a policy has them. */
const nano = (nanoUsd: number) => (nanoUsd / 1e9).toFixed(9);
const budget = (nanoUsd: number, more: JsonObject = {}) => ({
  name: "purse",
  by: ["user"],
  usd: nano(nanoUsd),
  window: "day",
  ...more,
});

function refusedBy(ruling: unknown): string | undefined {
  return typeof ruling === "object" && ruling !== null && isRefusal(ruling)
    ? ruling.error.message
    : undefined;
}

describe("what an exchange takes", () => {
  it("is nothing where no rule is about anybody", async () => {
    const scene = new Scene({});
    expect(scene.exchange(ada).hooks).toBeNull();
  });

  it("is nothing where none is about it", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 1, when: { plan: "paid" } })] });
    const exchange = scene.exchange(ada);
    expect(await exchange.arrive()).toBeUndefined();
    expect(await exchange.ask()).toBeUndefined();
    exchange.finish({ tokens: 5 });
    expect(scene.store.takes).toEqual([]);
    expect(exchange.call.remarks).toEqual({ headers: [], rulings: [], reservedNanoUsd: undefined });
  });

  it("is taken at once from limits and budgets, and becomes the truth", async () => {
    const scene = new Scene({
      limits: [perUser({ requests: 2, tokens: 1_000, concurrent: 5 })],
      budgets: [budget(1_000)],
    });
    const exchange = scene.exchange(ada);
    await exchange.arrive();
    expect(await exchange.ask({ inputTokens: 50, maxOutputTokens: 100 })).toBeUndefined();
    expect(scene.store.takes).toHaveLength(1);
    expect(exchange.call.remarks.reservedNanoUsd).toBe(150);
    const held = (await scene.store.all()).map(({ used, reserved }) => [used, reserved]);
    expect(held).toEqual([
      [0, 1],
      [0, 150],
      [0, 1],
      [0, 150],
    ]);
    exchange.finish({ tokens: 70, nanoUsd: 75 });
    expect(await scene.standing()).toEqual([
      [1, 0],
      [70, 0],
      [0, 0],
      [75, 0],
    ]);
  });

  it("is taken from all or from none: a spent budget leaves the limits as they were", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 10, tokens: 10_000 })], budgets: [budget(100)] });
    const ruling = await scene.served(ada, { maxOutputTokens: 101 }, {});
    expect(refusedBy(ruling)).toContain('budget "purse"');
    expect(await scene.standing()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it("is settled once, and to no less than nothing", async () => {
    const scene = new Scene({ budgets: [budget(1_000)] });
    const exchange = scene.exchange(ada);
    await exchange.ask();
    exchange.finish({ tokens: 70 });
    exchange.finish({ tokens: 500 });
    expect(await scene.standing()).toEqual([[70, 0]]);
    expect(scene.store.settled).toHaveLength(1);
  });

  it("may be more than was held: a truth is counted above the limit", async () => {
    const scene = new Scene({ budgets: [budget(100)] });
    await scene.served(ada, { maxOutputTokens: 90 }, { tokens: 400 });
    expect(await scene.standing()).toEqual([[400, 0]]);
    expect(refusedBy(await scene.served(ada, { maxOutputTokens: 1 }, {}))).toContain("is spent");
  });

  it.each(["refused", "hangUp"] as const)("is given back by one that went nowhere: %s", async (end) => {
    const scene = new Scene({ limits: [perUser({ requests: 1, concurrent: 1 })], budgets: [budget(500)] });
    const exchange = scene.exchange(ada);
    await exchange.ask();
    exchange[end]();
    expect(await scene.standing()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it("is counted for what was begun, when its client hung up meanwhile", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 5, tokens: 1_000 })] });
    const exchange = scene.exchange(ada);
    await exchange.ask();
    exchange.settle({ outcome: "cancelled", attempts: 1 });
    // What a record has unless it is said otherwise: 100 tokens in, 20 out.
    expect(await scene.standing()).toEqual([
      [1, 0],
      [120, 0],
    ]);
  });
});

describe("a client that hangs up while the counters are asked", () => {
  it("costs nothing, whatever they say then", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 1, concurrent: 1 })], budgets: [budget(500)] });
    const release = scene.store.hold();
    const exchange = scene.exchange(ada);
    const asking = exchange.ask();
    exchange.hangUp();
    release();
    await asking;
    expect((await scene.standing()).every(([used, reserved]) => used === 0 && reserved === 0)).toBe(true);
    expect(await scene.served(ada, {}, {})).toBeUndefined();
  });

  it("costs nothing when it was to be refused early", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 1 })] });
    const first = scene.exchange(ada);
    await first.ask();
    const release = scene.store.hold();
    const second = scene.exchange(ada);
    const arriving = second.arrive();
    second.hangUp();
    first.hangUp();
    release();
    await arriving;
    expect(await scene.standing()).toEqual([[0, 0]]);
  });
});

describe("calls at a time", () => {
  it("are refused beyond their number, and free again when one ends", async () => {
    const scene = new Scene({ limits: [{ name: "many", by: ["user"], concurrent: 2 }] });
    const [one, two, three] = [scene.exchange(ada), scene.exchange(ada), scene.exchange(ada)];
    expect(await Promise.all([one.ask(), two.ask()])).toEqual([undefined, undefined]);
    expect(refusedBy(await three.ask())).toContain("2 calls at a time");
    three.refused();
    expect(await scene.exchange({ user: "bob" }).ask()).toBeUndefined();
    one.finish();
    expect(await scene.exchange(ada).ask()).toBeUndefined();
  });
});

describe("a counter that is near its limit", () => {
  const scene = () => new Scene({ limits: [perUser({ requests: 2, tokens: 100_000 })] });

  it("refuses from the headers alone, and asks nothing before it is near", async () => {
    const place = scene();
    for (const taken of [1, 2]) {
      const exchange = place.exchange(ada);
      expect(exchange.hooks?.arrive?.()).toBeUndefined();
      expect(place.store.takes).toHaveLength(taken - 1);
      await exchange.ask();
      exchange.finish({ tokens: 1 });
    }
    const third = place.exchange(ada);
    expect(refusedBy(await third.arrive())).toBe('the limit "per-user" of 2 requests in 1m has been reached');
    expect(third.headers).toMatchObject({
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "0",
    });
    expect(third.rulings).toEqual(["refused per-user"]);
    third.refused();
    // Others are asked nothing from their headers.
    const takes = place.store.takes.length;
    expect(await place.exchange({ user: "bob" }).arrive()).toBeUndefined();
    expect(place.store.takes).toHaveLength(takes);
    expect((await place.standing())[0]).toEqual([2, 0]);
  });

  it("is taken from once, with the headers, and told of with the rest", async () => {
    const place = new Scene({ limits: [perUser({ requests: 10, tokens: 100_000 })] });
    for (let count = 0; count < 9; count++) await place.served(ada, {}, { tokens: 1 });
    const tenth = place.exchange(ada);
    expect(await tenth.arrive()).toBeUndefined();
    expect(await tenth.ask()).toBeUndefined();
    expect(place.store.takes.slice(-2).map(({ claims }) => claims.length)).toEqual([1, 1]);
    expect(tenth.headers).toMatchObject({
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-remaining-tokens": String(100_000 - 9 - 100),
    });
    tenth.finish({ tokens: 1 });
    expect(await place.standing()).toEqual([
      [10, 0],
      [10, 0],
    ]);
  });

  it("is given back what was taken with the headers, when the body is refused", async () => {
    const place = new Scene({ limits: [perUser({ requests: 10, tokens: 1_000 })] });
    for (let count = 0; count < 9; count++) await place.served(ada, {}, { tokens: 1 });
    const tenth = place.exchange(ada);
    await tenth.arrive();
    expect(refusedBy(await tenth.ask({ maxOutputTokens: 5_000 }))).toContain("this request alone");
    // How requests stand is told as well.
    expect(tenth.headers).toMatchObject({
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-limit-tokens": "1000",
    });
    tenth.refused();
    expect(await place.standing()).toEqual([
      [9, 0],
      [9, 0],
    ]);
  });

  it("is not asked early by one that only observes", async () => {
    const place = new Scene({ limits: [perUser({ requests: 1, mode: "observe" })] });
    await place.served(ada, {}, { tokens: 1 });
    const second = place.exchange(ada);
    await second.arrive();
    expect(place.store.takes).toHaveLength(1);
    expect(await second.ask()).toBeUndefined();
    expect(second.rulings).toEqual(["would_refuse per-user"]);
    second.finish({ tokens: 1 });
    expect(await place.standing()).toEqual([[2, 0]]);
  });
});

describe("who is refused", () => {
  it("is told to wait until there is room, and not to try by itself where that takes long", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 1, window: "1h" })] });
    await scene.served(ada, {}, {});
    scene.pass(1_800_000);
    const exchange = scene.exchange(ada);
    const ruling = await exchange.arrive();
    expect(ruling?.error.retryAfterSeconds).toBeGreaterThan(1_790);
    expect(ruling?.error.retryAfterSeconds).toBeLessThan(1_920);
    expect(exchange.headers).toMatchObject({ "x-should-retry": "false" });
  });

  it("may try again by itself where it is a matter of seconds", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 1, window: "10s" })] });
    await scene.served(ada, {}, {});
    const exchange = scene.exchange(ada);
    expect((await exchange.arrive())?.error.retryAfterSeconds).toBeLessThanOrEqual(11);
    expect(exchange.headers).not.toHaveProperty("x-should-retry");
    scene.pass(10_400);
    expect(await scene.served(ada, {}, {})).toBeUndefined();
  });

  it("by several is told of what will never do, not of what passes", async () => {
    const scene = new Scene({
      limits: [perUser({ requests: 1 }), { name: "long", tokens: 50, window: "1m" }],
    });
    await scene.served(ada, { maxOutputTokens: 10 }, { tokens: 10 });
    const exchange = scene.exchange(ada);
    const ruling = await exchange.ask({ maxOutputTokens: 51 });
    expect(refusedBy(ruling)).toBe('this request alone is above the limit "long" of 50 tokens in 1m');
    expect(exchange.rulings).toEqual(["refused long"]);
  });
});

describe("tenants", () => {
  it("share nothing", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 1 })] });
    expect(await scene.served({ tenant: "acme", user: "ada" }, {}, {})).toBeUndefined();
    expect(await scene.served({ tenant: "zeta", user: "ada" }, {}, {})).toBeUndefined();
    expect(refusedBy(await scene.served({ tenant: "acme", user: "ada" }, {}, {}))).toBeDefined();
  });
});

describe("what a virtual key brings", () => {
  const withKey = (keyLimits: JsonObject, keyId = "key_1") => ({ user: "ada", keyId, keyLimits });
  const own = { limits: [{ name: "a", requests: 1, window: "1m" }] };

  it("holds beside the policy, for that key alone", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 5 })] });
    expect(await scene.served(withKey(own), {}, {})).toBeUndefined();
    expect(refusedBy(await scene.served(withKey(own), {}, {}))).toContain('"key:a"');
    expect(await scene.served(withKey(own, "key_2"), {}, {})).toBeUndefined();
    expect(await scene.served({ user: "ada" }, {}, {})).toBeUndefined();
  });

  it("holds where the policy says nothing", async () => {
    const scene = new Scene({});
    expect(await scene.served(withKey(own), {}, {})).toBeUndefined();
    expect(refusedBy(await scene.served(withKey(own), {}, {}))).toContain('"key:a"');
  });

  it("refuses everything where it cannot be read, and says so to the operator, without the key's contents", async () => {
    const scene = new Scene({});
    const exchange = scene.exchange(withKey({ limits: [{ name: "a", reqests: 1 }] }));
    expect(await exchange.arrive()).toMatchObject({
      reason: "key_limits_unreadable",
      error: { status: 500, message: "the gateway cannot read the limits of this API key" },
    });
    expect(scene.misconfigured).toEqual([
      'gated: the limits of key_1: limits[0]: unknown key "reqests" (did you mean "requests"?)',
    ]);
    expect(scene.store.takes).toEqual([]);
  });
});

describe("without a store", () => {
  it("says 503 where a rule says to refuse, and holds nothing", async () => {
    const scene = new Scene({
      limits: [
        perUser({ requests: 1 }),
        { name: "strict", tokens: 500, window: "1m", on_store_failure: "refuse" },
      ],
    });
    scene.store.answer = { outcome: "unavailable", claim: 1 };
    const exchange = scene.exchange(ada);
    expect(await exchange.ask()).toMatchObject({
      reason: "counters_unavailable",
      error: { status: 503, message: expect.stringContaining('"strict"') },
    });
    expect(exchange.rulings).toEqual(["unavailable strict"]);
    expect(scene.store.takes[0]?.claims.map(({ onStoreFailure }) => onStoreFailure)).toEqual([
      "allow",
      "refuse",
    ]);
  });

  it("tells of what it could not settle, and goes on", async () => {
    const scene = new Scene({ limits: [perUser({ requests: 1 })] });
    const exchange = scene.exchange(ada);
    await exchange.ask();
    scene.store.settle = () => Promise.reject(new Error("gone"));
    exchange.finish();
    await scene.rule.close();
    expect(scene.failures).toEqual([new Error("gone")]);
  });
});
