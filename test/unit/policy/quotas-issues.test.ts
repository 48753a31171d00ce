import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { keyQuotas } from "../../../src/policy/key-quotas.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

const targets = { openai: { provider: "openai" } };
const models = { "gpt-*": { targets: [{ cluster: "openai" }] } };

function found(attempt: () => unknown): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

const issues = (route: object) =>
  found(() => parsePolicy(JSON.stringify({ targets, models, ...route }), undefined));
const minute = { name: "a", requests: 60, window: "1m" };
const day = { name: "a", usd: 10, window: "day" };
const ofLimit = (more: object) => issues({ limits: [{ ...minute, ...more }] });
const ofBudget = (more: object) => issues({ budgets: [{ ...day, ...more }] });

const fields = "tenant, app, user, department, plan, ip, key, model, target, route, tag.NAME";
const wholeNumber = "expected a whole number from 1 to 1000000000000, got";
const aName = 'expected a name of letters, digits, "_", "." and "-", 64 at most';
const aFraction = "expected a decimal from 0 to 10 with at most six digits after the point, e.g. 0.15, got";
const aZone = "expected a time zone of the IANA database, e.g. Europe/Berlin or UTC";

describe("what is wrong with a limit", () => {
  it.each<[string, object, string[]]>([
    ["an unknown key", { windows: "1h" }, [': unknown key "windows" (did you mean "window"?)']],
    ["no name", { name: undefined }, [".name: required"]],
    ["a name with a blank", { name: "per user" }, [`.name: ${aName}`]],
    ["a key's name", { name: "key:mine" }, [`.name: ${aName}`]],
    ["a long name", { name: "x".repeat(65) }, [`.name: ${aName}`]],
    ["no requests at all", { requests: 0 }, [`.requests: ${wholeNumber} 0`]],
    ["half a token", { tokens: 1.5 }, [`.tokens: ${wholeNumber} 1.5`]],
    ["tokens in words", { tokens: "1k" }, [`.tokens: ${wholeNumber} "1k"`]],
    [
      "too many at a time",
      { concurrent: 1_000_001 },
      [".concurrent: expected a whole number from 1 to 1000000, got 1000001"],
    ],
    ["money in words", { usd: "ten" }, ['.usd: "ten" is not a price: write USD as a decimal, e.g. 0.25']],
    ["money as a list", { usd: [1] }, [".usd: expected USD, got a list"]],
    ["money beyond counting", { usd: 9_000_001 }, [".usd: 9000001 is above 9000000 USD"]],
    [
      "a window in words",
      { window: "minute" },
      ['.window: expected a duration such as 500ms, 30s or 2m, got "minute"'],
    ],
    [
      "a window below a second",
      { window: "500ms" },
      ['.window: must be from 1000ms to 2678400s, got "500ms"'],
    ],
    ["a window beyond a month", { window: "32d" }, ['.window: must be from 1000ms to 2678400s, got "32d"']],
    [
      "a misspelt field",
      { by: ["usr"] },
      [`.by[0]: unknown field "usr" (did you mean "user"?); available: ${fields}`],
    ],
    ["a tag without a name", { by: ["tag."] }, [`.by[0]: unknown field "tag."; available: ${fields}`]],
    ["a number as a field", { by: [7] }, [`.by[0]: unknown field 7; available: ${fields}`]],
    ["a field twice", { by: ["user", "user"] }, [".by: names one twice"]],
    ["fields as text", { by: "user" }, ['.by: expected a list, got "user"']],
    [
      "too many fields",
      { by: ["tenant", "app", "user", "department", "ip", "model", "target", "route", "route"] },
      [".by: has more than 8 entries"],
    ],
    [
      "a condition on nothing known",
      { when: { colour: "red" } },
      [`.when.colour: unknown field "colour"; available: ${fields}`],
    ],
    [
      "a star in the middle",
      { when: { model: "gpt-*-mini" } },
      [".when.model[0]: * may stand only once, at the end"],
    ],
    ["a condition on a number", { when: { user: 7 } }, [".when.user[0]: expected a value, got 7"]],
    ["a condition without values", { when: { user: [] } }, [".when.user: must not be empty"]],
    ["conditions as a list", { when: ["user"] }, [".when: expected a mapping, got a list"]],
    [
      "a misspelt mode",
      { mode: "observ" },
      ['.mode: unknown mode "observ" (did you mean "observe"?); available: enforce, observe'],
    ],
    [
      "a choice that is none",
      { on_store_failure: "fail" },
      ['.on_store_failure: unknown choice "fail"; available: allow, refuse'],
    ],
  ])("%s", (_, more, expected) => {
    expect(ofLimit(more)).toEqual(expected.map((issue) => `route:limits[0]${issue}`));
  });

  it.each<[string, object, string[]]>([
    [
      "it counts nothing",
      { name: "a", window: "1m" },
      [": counts nothing: needs one of requests, tokens, concurrent, usd"],
    ],
    ["its window is missing", { name: "a", requests: 1 }, [".window: required"]],
    [
      "its window is missing, beside calls at a time",
      { name: "a", tokens: 1, concurrent: 1 },
      [".window: required"],
    ],
    [
      "it has a window for calls at a time",
      { name: "a", concurrent: 1, window: "1m" },
      [".window: concurrent calls are counted as they are, over no window"],
    ],
  ])("%s", (_, limit, expected) => {
    expect(issues({ limits: [limit] })).toEqual(expected.map((issue) => `route:limits[0]${issue}`));
  });
});

describe("what is wrong with a budget", () => {
  const step = (at: unknown, action: unknown) => ({ at, do: action });

  it.each<[string, object, string[]]>([
    ["an unknown key", { reset: "monthly" }, [': unknown key "reset"']],
    ["no sum", { usd: undefined }, [".usd: required"]],
    ["a sum of nothing", { usd: 0 }, [".usd: must be more than 0"]],
    [
      "a duration as its period",
      { window: "30d" },
      ['.window: unknown period "30d"; available: day, week, month'],
    ],
    ["no period", { window: undefined }, [".window: required: day, week, month"]],
    ["a time zone that is none", { time_zone: "Berlin" }, [`.time_zone: ${aZone}`]],
    ["a time zone by its offset", { time_zone: 2 }, [".time_zone: expected a time zone, got 2"]],
    [
      "another word for unpriced",
      { unpriced: "warn" },
      ['.unpriced: unknown choice "warn"; available: allow, refuse'],
    ],
    ["no steps", { steps: [] }, [".steps: must not be empty"]],
    ["too many steps", { steps: Array(9).fill(step(0.5, "warn")) }, [".steps: has more than 8 entries"]],
    ["a step in percent", { steps: [step("80%", "warn")] }, [`.steps[0].at: ${aFraction} "80%"`]],
    ["a step far beyond the end", { steps: [step(10.1, "warn")] }, [`.steps[0].at: ${aFraction} 10.1`]],
    ["a step that does nothing", { steps: [{ at: 1 }] }, [".steps[0].do: required: reject, warn"]],
    [
      "a misspelt step",
      { steps: [step(1, "rejct")] },
      ['.steps[0].do: unknown step "rejct" (did you mean "reject"?); available: reject, warn'],
    ],
    [
      "a step that is yet to come",
      { steps: [step(1, "cache_only")] },
      ['.steps[0].do: step "cache_only" is not available yet; available: reject, warn'],
    ],
    ["a change of nothing", { steps: [step(1, {})] }, [".steps[0].do: expected one of model, max_tokens"]],
    [
      "a change of two things",
      { steps: [step(1, { model: "gpt-4o", max_tokens: 10 })] },
      [".steps[0].do: expected one of model, max_tokens"],
    ],
    [
      "a misspelt change",
      { steps: [step(1, { modle: "gpt-4o" })] },
      [
        '.steps[0].do: unknown key "modle" (did you mean "model"?)',
        ".steps[0].do: expected one of model, max_tokens",
      ],
    ],
    [
      "a cap of nothing",
      { steps: [step(1, { max_tokens: 0 })] },
      [".steps[0].do.max_tokens: expected a whole number from 1 to 10000000, got 0"],
    ],
    [
      "steps out of order",
      { steps: [step(0.9, "warn"), step(0.8, "reject")] },
      [".steps[1].at: is below the step before it"],
    ],
    [
      "a step after the last",
      { steps: [step(0.9, "reject"), step(1, "warn")] },
      [".steps[1]: is never reached: the step before it rejects"],
    ],
    [
      "a model that is not served",
      { steps: [step(0.5, { model: "claude-haiku" })] },
      ['.steps[0].do.model: "claude-haiku" is not in models'],
    ],
  ])("%s", (_, more, expected) => {
    expect(ofBudget(more)).toEqual(expected.map((issue) => `route:budgets[0]${issue}`));
  });
});

describe("fields that would never be known", () => {
  const told = (at: string, field: string) =>
    `route:limits[0].${at}: "${field}" is never known: identity has no source for it`;

  it("are plans, keys and tags where no identity is written", () => {
    expect(ofLimit({ by: ["plan", "key", "tag.team"] })).toEqual([
      told("by[0]", "plan"),
      told("by[1]", "key"),
      told("by[2]", "tag.team"),
    ]);
    expect(ofLimit({ when: { plan: "free" } })).toEqual([told("when.plan", "plan")]);
    expect(
      ofLimit({ by: ["tenant", "app", "user", "department", "ip", "model", "target", "route"] }),
    ).toEqual([]);
  });

  it("are those without a source where one is", () => {
    const identity = { user: [{ jwt: "sub" }] };
    const by = (field: string) => issues({ identity, limits: [{ ...minute, by: [field] }] });
    expect(["user", "tenant", "ip", "model", "target", "route"].flatMap(by)).toEqual([]);
    for (const field of ["app", "department", "plan", "key", "tag.team"]) {
      expect(by(field)).toEqual([told("by[0]", field)]);
    }
  });

  it("are not keys, nor what is on them, where keys are used", () => {
    const by = ["key", "plan", "tag.team"];
    const limits = [{ ...minute, by }];
    expect(issues({ identity: { plan: [{ key: "plan" }] }, limits })).toEqual([]);
    expect(issues({ identity: { require: "key" }, limits })).toEqual([told("by[1]", "plan")]);
  });

  it("are not tags where tags are read", () => {
    expect(issues({ identity: { tags: {} }, limits: [{ ...minute, by: ["tag.team"] }] })).toEqual([]);
  });

  it("are told of budgets as well", () => {
    expect(ofBudget({ by: ["plan"], when: { key: "key_*" } })).toEqual([
      'route:budgets[0].by[0]: "plan" is never known: identity has no source for it',
      'route:budgets[0].when.key: "key" is never known: identity has no source for it',
    ]);
  });
});

describe("what limits and budgets say together", () => {
  it("one name is given once", () => {
    expect(issues({ limits: [minute, minute], budgets: [day] })).toEqual([
      'route:limits[1].name: "a" is the name of another rule',
      'route:budgets[0].name: "a" is the name of another rule',
    ]);
  });

  const all = { requests: 1, tokens: 1, concurrent: 1, usd: 1, window: "1m" };
  const limits = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ name: `l${index}`, ...all }));
  const budgets = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...day, name: `b${index}` }));

  it("needs as many counters as it counts things", () => {
    expect(issues({ limits: limits(6) })).toEqual([]);
    expect(issues({ limits: limits(5), budgets: budgets(4) })).toEqual([]);
    expect(issues({ limits: limits(5), budgets: budgets(5) })).toEqual([
      "route:limits: limits and budgets need 25 counters; there may be 24",
    ]);
  });

  it("is a list of bounded length", () => {
    expect(issues({ budgets: budgets(17) })).toEqual(["route:budgets: has more than 16 entries"]);
    expect(issues({ limits: {} })).toEqual(["route:limits: expected a list, got a mapping"]);
  });
});

describe("a virtual key's own", () => {
  const ofKey = (written: JsonObject) => found(() => keyQuotas(written));

  it("is counted by key, whatever else it is counted by, under a name that no policy has", () => {
    const { limits, budgets } = keyQuotas({
      limits: [{ ...minute, by: ["user"] }],
      budgets: [
        { ...day, name: "b", by: ["user", "key"] },
        { ...day, name: "c" },
      ],
    });
    expect(limits).toMatchObject([{ name: "key:a", by: ["key", "user"], measure: "requests", most: 60 }]);
    expect(budgets).toMatchObject([
      { name: "key:b", by: ["user", "key"] },
      { name: "key:c", by: ["key"], nanoUsd: 10_000_000_000 },
    ]);
  });

  it("may be nothing", () => {
    expect(keyQuotas({})).toEqual({ limits: [], budgets: [] });
  });

  it("knows no policy: any field, any model", () => {
    const steps = [{ at: 0.5, do: { model: "any" } }];
    expect(
      ofKey({ limits: [{ ...minute, by: ["plan", "tag.team"] }], budgets: [{ ...day, name: "b", steps }] }),
    ).toEqual([]);
  });

  it.each<[string, JsonObject, string[]]>([
    ["an unknown key", { limit: [] }, [': unknown key "limit" (did you mean "limits"?)']],
    ["a list that is none", { limits: 5 }, ["limits: expected a list, got 5"]],
    [
      "a mistake inside",
      { limits: [{ ...minute, by: ["usr"] }] },
      [`limits[0].by[0]: unknown field "usr" (did you mean "user"?); available: ${fields}`],
    ],
    [
      "a name twice",
      { limits: [minute], budgets: [day] },
      ['budgets[0].name: "a" is the name of another rule'],
    ],
    [
      "too many counters",
      { budgets: Array.from({ length: 9 }, (_, index) => ({ ...day, name: `b${index}` })) },
      ["budgets: limits and budgets need 9 counters; there may be 8"],
    ],
  ])("has the same mistakes: %s", (_, written, expected) => {
    expect(ofKey(written)).toEqual(expected);
  });
});
