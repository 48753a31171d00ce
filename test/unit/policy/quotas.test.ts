import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { noQuotas, type Quotas } from "../../../src/policy/quotas.ts";

const targets = { openai: { provider: "openai" } };
const identity = { plan: [{ header: "x-plan" }], tags: {} };

function quotas(route: object, virtualHost?: object): Quotas {
  const defaults = virtualHost === undefined ? undefined : JSON.stringify(virtualHost);
  return parsePolicy(JSON.stringify({ targets, ...route }), defaults).quotas;
}

const scope = { by: [], when: [], mode: "enforce", onStoreFailure: "allow" };
const hourMs = 3_600_000;

describe("limits", () => {
  it("are none unless there are some", () => {
    expect(quotas({})).toBe(noQuotas);
    expect(quotas({ limits: [], budgets: [] })).toBe(noQuotas);
  });

  it.each<[string, object, object[]]>([
    [
      "requests",
      { requests: 60, window: "1m" },
      [{ measure: "requests", most: 60, windowMs: 60_000, window: "1m" }],
    ],
    [
      "tokens, as Envoy prints large numbers",
      { tokens: "1000000", window: "1d" },
      [{ measure: "tokens", most: 1_000_000, windowMs: 24 * hourMs, window: "1d" }],
    ],
    [
      "money, to the nano-dollar",
      { usd: "0.000000001", window: "1s" },
      [{ measure: "nanoUsd", most: 1, windowMs: 1_000, window: "1s" }],
    ],
    [
      "calls at a time, over no window",
      { concurrent: 8 },
      [{ measure: "concurrent", most: 8, windowMs: undefined, window: undefined }],
    ],
    [
      "all of them under one name, where only calls at a time have no window",
      { requests: 1, tokens: 2, usd: 3, concurrent: 4, window: "31d" },
      [
        { measure: "requests", most: 1, windowMs: 31 * 24 * hourMs, window: "31d" },
        { measure: "tokens", most: 2, windowMs: 31 * 24 * hourMs, window: "31d" },
        { measure: "nanoUsd", most: 3_000_000_000, windowMs: 31 * 24 * hourMs, window: "31d" },
        { measure: "concurrent", most: 4, windowMs: undefined, window: undefined },
      ],
    ],
  ])("count %s", (_, written, expected) => {
    const { limits, budgets } = quotas({ limits: [{ name: "a", ...written }] });
    expect(limits).toEqual(expected.map((limit) => ({ name: "a", ...scope, ...limit })));
    expect(budgets).toEqual([]);
  });

  it("say whom they are about, how strictly, and what holds without a store", () => {
    const { limits } = quotas({
      identity: { ...identity, user: [{ header: "x-user" }] },
      limits: [
        {
          name: "Free_plan-2.0",
          by: ["user", "tag.cost-centre", "model", "target", "route", "ip", "tenant"],
          when: { plan: "free", model: ["gpt-*", "o3"], "tag.team": "*" },
          requests: 1,
          window: "1h",
          mode: "observe",
          on_store_failure: "refuse",
        },
      ],
    });
    expect(limits).toMatchObject([
      {
        name: "Free_plan-2.0",
        by: ["user", "tag.cost-centre", "model", "target", "route", "ip", "tenant"],
        when: [
          { field: "plan", values: ["free"] },
          { field: "model", values: ["gpt-*", "o3"] },
          { field: "tag.team", values: ["*"] },
        ],
        mode: "observe",
        onStoreFailure: "refuse",
      },
    ]);
  });
});

describe("budgets", () => {
  const budget = (more: object) => quotas({ budgets: [{ name: "b", usd: 500, window: "month", ...more }] });

  it("end where they are spent, at midnight of Greenwich", () => {
    expect(budget({}).budgets).toEqual([
      {
        name: "b",
        ...scope,
        nanoUsd: 500_000_000_000,
        period: "month",
        timeZone: "UTC",
        unpriced: "allow",
        steps: [{ atNanoUsd: 500_000_000_000, action: { kind: "reject" } }],
      },
    ]);
  });

  it("go by any calendar's days, weeks and months", () => {
    const found = ["day", "week", "month"].map(
      (window) => budget({ window, time_zone: "Asia/Kathmandu", unpriced: "refuse" }).budgets[0],
    );
    expect(found.map((each) => each?.period)).toEqual(["day", "week", "month"]);
    expect(found.map((each) => each?.timeZone)).toEqual(Array(3).fill("Asia/Kathmandu"));
    expect(found.map((each) => each?.unpriced)).toEqual(Array(3).fill("refuse"));
  });

  it("take steps on the way, the same share more than once", () => {
    const steps = [
      { at: 0, do: "warn" },
      { at: "0.8", do: { model: "gpt-4o-mini" } },
      { at: 0.8, do: { max_tokens: "256" } },
      { at: 10, do: "reject" },
    ];
    expect(budget({ steps }).budgets[0]?.steps).toEqual([
      { atNanoUsd: 0, action: { kind: "warn" } },
      { atNanoUsd: 400_000_000_000, action: { kind: "model", model: "gpt-4o-mini" } },
      { atNanoUsd: 400_000_000_000, action: { kind: "max-tokens", tokens: 256 } },
      { atNanoUsd: 5_000_000_000_000, action: { kind: "reject" } },
    ]);
  });

  it("round a step's sum down, exactly", () => {
    const [exact] = budget({ usd: "8999999.999999999", steps: [{ at: "0.333333", do: "reject" }] }).budgets;
    expect(exact?.steps[0]?.atNanoUsd).toBe(2_999_996_999_999_999);
  });

  it("may have no end", () => {
    expect(budget({ steps: [{ at: 0.9, do: "warn" }] }).budgets[0]?.steps).toHaveLength(1);
  });

  it("may name a model by a pattern of models, or any where none are listed", () => {
    const models = { "gpt-*": { targets: [{ cluster: "openai" }] } };
    const steps = [{ at: 0.5, do: { model: "gpt-4o-mini" } }];
    const written = { budgets: [{ name: "b", usd: 1, window: "day", steps }] };
    expect(quotas({ models, ...written }).budgets).toHaveLength(1);
    expect(quotas(written).budgets).toHaveLength(1);
  });
});

it("a route's limits take the place of its virtual host's, whose budgets stay", () => {
  const limit = (name: string) => ({ name, requests: 1, window: "1m" });
  const host = { limits: [limit("host")], budgets: [{ name: "b", usd: 1, window: "day" }] };
  const { limits, budgets } = quotas({ limits: [limit("route")] }, host);
  expect(limits.map(({ name }) => name)).toEqual(["route"]);
  expect(budgets.map(({ name }) => name)).toEqual(["b"]);
});
