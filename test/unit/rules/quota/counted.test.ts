import { describe, expect, it } from "vitest";
import type { Caller } from "../../../../src/identity/caller.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { countedOf, dependsOnTarget, isEarly, nothingWorse } from "../../../../src/rules/quota/counted.ts";
import { callOf, policyOf } from "./scene.ts";

const wallMs = Date.parse("2026-11-25T12:00:00Z");
const worst = { tokens: 700, nanoUsd: 9_000, unpriced: false };

interface From {
  readonly caller?: Partial<Caller>;
  readonly route?: string;
  readonly model?: string;
  readonly target?: string;
}

function counted(
  written: JsonObject,
  { caller = {}, route = "gated", model = "m", target = "one" }: From = {},
) {
  const policy = policyOf(written);
  return countedOf(policy.quotas, { ...callOf(policy, caller), route }, { model, target }, worst, wallMs);
}

const limit = (more: JsonObject): JsonObject => ({
  limits: [{ name: "a", requests: 5, window: "1m", ...more }],
});
const keyOf = (more: JsonObject, from: From) => counted(limit(more), from)[0]?.claim.key;

describe("who shares a counter", () => {
  const ada = { caller: { user: "ada", plan: "free", tags: { team: "blue" } } };

  it.each<[string, JsonObject, From, From]>([
    ["everybody, where calls are not told apart", {}, ada, { caller: { user: "bob" }, route: "other" }],
    ["calls with the same values", { by: ["user", "plan"] }, ada, { caller: { user: "ada", plan: "free" } }],
    ["one user on all routes", { by: ["user"] }, ada, { ...ada, route: "other" }],
    ["calls of which nothing is known", { by: ["user"] }, {}, { caller: { plan: "free" } }],
    ["calls without the tag", { by: ["tag.team"] }, {}, { caller: { tags: { other: "x" } } }],
    ["the members of a tag", { by: ["tag.team"] }, ada, { caller: { tags: { team: "blue" } } }],
    ["all models", { by: ["user"] }, ada, { ...ada, model: "other" }],
  ])("%s", (_, more, one, other) => {
    expect(keyOf(more, one)).toBe(keyOf(more, other));
    expect(keyOf(more, one)).toBeDefined();
  });

  it.each<[string, JsonObject, From, From]>([
    ["users", { by: ["user"] }, ada, { caller: { user: "bob" } }],
    ["who is known and who is not", { by: ["user"] }, ada, {}],
    ["a user by the name of nobody", { by: ["user"] }, { caller: { user: "null" } }, {}],
    [
      "values that run into one another",
      { by: ["user", "plan"] },
      { caller: { user: "a", plan: "bc" } },
      { caller: { user: "ab", plan: "c" } },
    ],
    [
      "a value in another field",
      { by: ["user", "plan"] },
      { caller: { user: "x" } },
      { caller: { plan: "x" } },
    ],
    ["keys", { by: ["key"] }, { caller: { keyId: "key_1" } }, { caller: { keyId: "key_2" } }],
    ["addresses", { by: ["ip"] }, { caller: { ip: "192.0.2.7" } }, { caller: { ip: "192.0.2.8" } }],
    ["tags", { by: ["tag.team"] }, ada, { caller: { tags: { team: "red" } } }],
    ["models", { by: ["model"] }, { model: "one" }, { model: "two" }],
    ["targets", { by: ["target"] }, { target: "one" }, { target: "two" }],
    ["routes", { by: ["route"] }, { route: "one" }, { route: "two" }],
  ])("not %s", (_, more, one, other) => {
    expect(keyOf(more, one)).not.toBe(keyOf(more, other));
  });

  it("not rules of other names, and not what one rule counts of different things", () => {
    const keys = counted({
      limits: [
        { name: "a", requests: 5, tokens: 5, usd: 5, concurrent: 5, window: "1m" },
        { name: "b", requests: 5, window: "1m" },
      ],
      budgets: [{ name: "c", usd: 5, window: "day" }],
    }).map(({ claim }) => claim.key);
    expect(new Set(keys).size).toBe(6);
  });

  it("is not to be read from the name of the counter", () => {
    const key = keyOf({ by: ["user"] }, { caller: { user: "ada@acme.test" } });
    expect(key).toMatch(/^[\w-]{22}$/);
  });
});

describe("which calls a rule is about", () => {
  it.each<[JsonObject, From, boolean]>([
    [{ user: "ada" }, { caller: { user: "ada" } }, true],
    [{ user: "ada" }, { caller: { user: "adam" } }, false],
    [{ user: "ada" }, {}, false],
    [{ user: "ad*" }, { caller: { user: "adam" } }, true],
    [{ user: "ad*" }, { caller: { user: "Adam" } }, false],
    [{ user: "*" }, { caller: { user: "anybody" } }, true],
    [{ user: "*" }, {}, false],
    [{ user: ["ada", "b*"] }, { caller: { user: "bob" } }, true],
    [{ user: ["ada", "b*"] }, { caller: { user: "cyd" } }, false],
    [{ user: "ada", plan: "free" }, { caller: { user: "ada", plan: "free" } }, true],
    [{ user: "ada", plan: "free" }, { caller: { user: "ada", plan: "paid" } }, false],
    [{ "tag.team": "blue" }, { caller: { tags: { team: "blue" } } }, true],
    [{ "tag.team": "blue" }, { caller: { tags: { team: "red" } } }, false],
    [{ model: "gpt-*" }, { model: "gpt-4o" }, true],
    [{ model: "gpt-*" }, { model: "o3" }, false],
    [{ target: "one" }, { target: "one" }, true],
    [{ target: "one" }, { target: "two" }, false],
    [{ route: "gated" }, { route: "gated" }, true],
    // Names that every object has are no tags.
    [{ "tag.constructor": "*" }, {}, false],
    [{ "tag.__proto__": "*" }, {}, false],
    [
      { "tag.toString": "x" },
      { caller: { tags: { toString: "x" } as unknown as Record<string, string> } },
      true,
    ],
  ])("%j: %j is %s", (when, from, expected) => {
    expect(counted(limit({ when }), from)).toHaveLength(expected ? 1 : 0);
  });

  it("is not known of the model before the body has been read", () => {
    const policy = policyOf(limit({ when: { model: "*" } }));
    expect(countedOf(policy.quotas, callOf(policy), undefined, nothingWorse, wallMs)).toEqual([]);
  });

  it.each<[JsonObject, boolean]>([
    [{}, true],
    [{ by: ["user", "ip", "route", "tag.team"] }, true],
    [{ when: { user: "*" } }, true],
    [{ by: ["model"] }, false],
    [{ by: ["target"] }, false],
    [{ when: { model: "*" } }, false],
    [{ when: { target: "*" } }, false],
  ])("%j is known from the headers: %s", (more, expected) => {
    const { limits } = policyOf(limit({ ...more, tokens: 5, usd: 5, concurrent: 5 })).quotas;
    const early = limits.filter(isEarly).map(({ measure }) => measure);
    expect(early).toEqual(expected ? ["requests", "concurrent"] : []);
  });

  it.each<[JsonObject, boolean]>([
    [{ by: ["target"] }, true],
    [{ when: { target: "one" } }, true],
    [{ by: ["model", "route"], when: { model: "m" } }, false],
  ])("%j depends on the target: %s", (more, expected) => {
    expect(policyOf(limit(more)).quotas.limits.map(dependsOnTarget)).toEqual([expected]);
  });
});

describe("what is claimed", () => {
  it("is one request, or what the exchange may come to", () => {
    const found = counted({
      limits: [
        { name: "a", requests: 5, tokens: 6_000, usd: "0.5", concurrent: 7, window: "1m" },
        { name: "o", requests: 5, window: "1h", mode: "observe", on_store_failure: "refuse" },
      ],
    }).map(({ claim: { key: _, ...claim } }) => claim);
    const enforced = { enforce: true, onStoreFailure: "allow" };
    const window = { kind: "sliding", ms: 60_000 };
    expect(found).toEqual([
      { window, limit: 5, amount: 1, ...enforced },
      { window, limit: 6_000, amount: 700, ...enforced },
      { window, limit: 500_000_000, amount: 9_000, ...enforced },
      { window: { kind: "concurrent" }, limit: 7, amount: 1, ...enforced },
      {
        window: { kind: "sliding", ms: 3_600_000 },
        limit: 5,
        amount: 1,
        enforce: false,
        onStoreFailure: "refuse",
      },
    ]);
  });

  it("of a budget ends where its last step rejects, and without such a step nowhere", () => {
    const budget = { usd: 1, window: "month", time_zone: "Europe/Berlin" };
    const found = counted({
      budgets: [
        { name: "a", ...budget },
        {
          name: "b",
          ...budget,
          steps: [
            { at: 0.5, do: "warn" },
            { at: 1.2, do: "reject" },
          ],
        },
        { name: "c", ...budget, steps: [{ at: 0.5, do: "warn" }] },
        { name: "d", ...budget, mode: "observe" },
      ],
    }).map(({ claim }) => claim);
    expect(found.map(({ limit: most, enforce }) => [most, enforce])).toEqual([
      [1_000_000_000, true],
      [1_200_000_000, true],
      [Number.MAX_SAFE_INTEGER, false],
      [1_000_000_000, false],
    ]);
    expect(found[0]?.window).toMatchObject({ kind: "calendar", period: "month:2026-11-01:Europe/Berlin" });
    expect(found.every(({ amount }) => amount === 9_000)).toBe(true);
  });
});
