import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

const targets = { openai: { provider: "openai" } };
const parse = (anomalies: unknown, more: object = {}) =>
  parsePolicy(JSON.stringify({ targets, anomalies, ...more }), undefined);

function issues(anomalies: unknown, more: object = {}): string[] {
  try {
    parse(anomalies, more);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

const every = ["tokens", "cost", "rate", "expensive_model", "errors", "retries"];

describe("who is watched", () => {
  it("is nobody unless the policy says so", () => {
    expect(parse(undefined).anomalies).toBeUndefined();
  });

  it("is everybody, for everything, and nobody is refused", () => {
    expect(parse({}).anomalies).toEqual({
      mode: "observe",
      factor: 10,
      priceFactor: 3,
      kinds: every,
      warmUpMs: 86_400_000,
      atLeast: {
        tokens: 100_000,
        cost: 1_000_000_000,
        rate: 60,
        expensive_model: 100_000_000,
        errors: 20,
        retries: 20,
      },
      brake: undefined,
    });
  });

  it("is compiled with every key, decimals as Envoy writes them", () => {
    const anomalies = {
      mode: "enforce",
      factor: "2.5",
      price_factor: 4,
      kinds: ["tokens", "errors"],
      warm_up: "2h",
      at_least: { tokens: 5_000, usd: "0.25", requests: "7", errors: 3, retries: 4 },
      brake: { for: "90s", kinds: ["errors"] },
    };
    expect(parse(anomalies).anomalies).toEqual({
      mode: "enforce",
      factor: 2.5,
      priceFactor: 4,
      kinds: ["tokens", "errors"],
      warmUpMs: 7_200_000,
      atLeast: {
        tokens: 5_000,
        cost: 250_000_000,
        rate: 7,
        expensive_model: 25_000_000,
        errors: 3,
        retries: 4,
      },
      brake: { forMs: 90_000, kinds: ["errors"] },
    });
  });

  it("a brake answers to all that is watched but expensive models", () => {
    const brake = (kinds?: string[]) =>
      parse({ brake: { for: "5m" }, ...(kinds && { kinds }) }).anomalies?.brake;
    expect(brake()).toEqual({ forMs: 300_000, kinds: every.filter((kind) => kind !== "expensive_model") });
    expect(brake(["rate", "expensive_model"])?.kinds).toEqual(["rate"]);
  });

  it("of a route replaces the virtual host's whole", () => {
    const host = JSON.stringify({ targets, anomalies: { factor: 20, brake: { for: "1m" } } });
    const { anomalies } = parsePolicy(JSON.stringify({ anomalies: { kinds: ["cost"] } }), host);
    expect(anomalies).toMatchObject({ factor: 10, kinds: ["cost"], brake: undefined });
  });
});

describe("a mistake is said with its place", () => {
  const at = "route:anomalies";
  const available = `available: ${every.join(", ")}`;
  it.each<[string, unknown, string[], object?]>([
    ["no mapping", true, [`${at}: expected a mapping, got true`]],
    ["a misspelt key", { factr: 3 }, [`${at}: unknown key "factr" (did you mean "factor"?)`]],
    [
      "an unknown mode",
      { mode: "enforced" },
      [`${at}.mode: unknown mode "enforced" (did you mean "enforce"?); available: observe, enforce`],
    ],
    ["a factor of one", { factor: 1 }, [`${at}.factor: expected a decimal from 1.5 to 1000, e.g. 10, got 1`]],
    [
      "factors that are none",
      { factor: "ten", price_factor: "1e3" },
      [
        `${at}.factor: expected a decimal from 1.5 to 1000, e.g. 10, got "ten"`,
        `${at}.price_factor: expected a decimal from 1.5 to 1000, e.g. 10, got "1e3"`,
      ],
    ],
    [
      "an unknown kind",
      { kinds: ["token"] },
      [`${at}.kinds[0]: unknown kind of anomaly "token" (did you mean "tokens"?); ${available}`],
    ],
    ["no kind", { kinds: [] }, [`${at}.kinds: needs at least one kind`]],
    ["one twice", { kinds: ["cost", "cost"] }, [`${at}.kinds: names one twice`]],
    ["no time to learn", { warm_up: "1ms" }, [`${at}.warm_up: must be from 1000ms to 2592000s, got "1ms"`]],
    [
      "amounts of nothing",
      { at_least: { tokens: 0, usd: 0, request: 1 } },
      [
        `${at}.at_least.tokens: expected a whole number from 1 to 1000000000000, got 0`,
        `${at}.at_least.usd: must be more than 0`,
        `${at}.at_least: unknown key "request" (did you mean "requests"?)`,
      ],
    ],
    ["a brake without a time", { brake: {} }, [`${at}.brake.for: required`]],
    [
      "a brake for days",
      { brake: { for: "25h" } },
      [`${at}.brake.for: must be from 1000ms to 86400s, got "25h"`],
    ],
    ["nothing to enforce", { mode: "enforce" }, [`${at}.brake: required by mode "enforce"`]],
    [
      "a brake for what is not watched",
      { kinds: ["cost"], brake: { for: "5m", kinds: ["cost", "rate"] } },
      [`${at}.brake.kinds[1]: "rate" is not watched: it is not in kinds`],
    ],
    [
      "a brake for nothing",
      { kinds: ["expensive_model"], brake: { for: "5m" } },
      [`${at}.brake.kinds: required: expensive_model alone brakes nobody`],
    ],
    [
      "nobody to watch",
      {},
      [`${at}: nobody is watched: identity has no source for app or user`],
      { identity: { tenant: [{ value: "acme" }] } },
    ],
    ["somebody to watch", {}, [], { identity: { user: [{ jwt: "sub" }] } }],
  ])("%s", (_, anomalies, expected, more) => {
    expect(issues(anomalies, more)).toEqual(expected);
  });
});
