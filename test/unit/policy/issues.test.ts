import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";
import { providerNames } from "../../../src/providers/registry.ts";

const targets = { openai: { provider: "openai" }, claude: { provider: "anthropic" } };
const twoTargets = [
  { cluster: "openai", model: "gpt-4o" },
  { cluster: "claude", model: "claude-sonnet-4-5" },
];

function errorOf(route: unknown): PolicyError | undefined {
  try {
    parsePolicy(JSON.stringify(route), undefined);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
}

/** `path: message` of every issue; empty when the policy is fine. */
function issues(route: unknown): string[] {
  return errorOf(route)?.issues.map((issue) => `${issue.path}: ${issue.message}`) ?? [];
}

describe("issues", () => {
  const model = (extra: object) => ({ targets, models: { m: { targets: twoTargets, ...extra } } });
  const target = (extra: object) => model({ targets: [{ cluster: "openai", ...extra }] });
  const settings = (extra: object) => ({ targets: { a: { provider: "openai", ...extra } } });
  const price = (value: unknown) => ({ ...settings({}), prices: { m: { input: value, output: 1 } } });

  it.each<[string, unknown, string[]]>([
    [
      "misspelt key",
      model({ stratgy: "split" }),
      [`route:models.m: unknown key "stratgy" (did you mean "strategy"?)`],
    ],
    [
      "two unknown keys",
      { ...settings({}), foo: 1, stict: true },
      [`route:: unknown key "foo"`, `route:: unknown key "stict" (did you mean "strict"?)`],
    ],
    ["planned key", { ...settings({}), guard: {} }, [`route:: unknown key "guard" is not available yet`]],
    [
      "planned strategy",
      model({ strategy: "cheapest" }),
      [`route:models.m.strategy: strategy "cheapest" is not available yet; available: fallback, split`],
    ],
    [
      "unknown strategy",
      model({ strategy: "splt" }),
      [
        `route:models.m.strategy: unknown strategy "splt" (did you mean "split"?); available: fallback, split`,
      ],
    ],
    ["no targets", {}, ["targets: required"]],
    ["empty targets", { targets: {} }, ["route:targets: needs at least one target"]],
    [
      "no provider",
      { targets: { a: {} } },
      [`route:targets.a.provider: required: ${providerNames.join(", ")}`],
    ],
    [
      "vertex without its place",
      settings({ provider: "vertex", project: "p" }),
      [`route:targets.a.location: required by provider "vertex"`],
    ],
    [
      "a place that nobody asks for",
      settings({ location: "europe-west4" }),
      [`route:targets.a.location: only provider "vertex", "vertex-anthropic" has location`],
    ],
    [
      "an API version that nobody asks for",
      settings({ api_version: "2024-10-21" }),
      [`route:targets.a.api_version: only provider "azure-openai", "azure-openai-responses" has api_version`],
    ],
    ["Azure with one", settings({ provider: "azure-openai", api_version: "2024-10-21" }), []],
    [
      "Cloudflare without its account",
      settings({ provider: "cloudflare-workers-ai" }),
      [`route:targets.a.account: required by provider "cloudflare-workers-ai"`],
    ],
    [
      "an account that is none",
      settings({ provider: "groq", account: "0123abc" }),
      [`route:targets.a.account: only provider "cloudflare-workers-ai" has account`],
    ],
    ["Azure without", settings({ provider: "azure-openai" }), []],
    [
      "a project that is a path",
      settings({ provider: "vertex", project: "a/b", location: "global" }),
      ["route:targets.a.project: expected a Google Cloud project"],
    ],
    ["targets not a mapping", { targets: ["a"] }, ["route:targets: expected a mapping, got a list"]],
    [
      "models absent with a choice",
      { targets },
      ["models: required, since there is more than one target to choose from"],
    ],
    ["models empty", { targets, models: {} }, ["route:models: needs at least one model"]],
    ["no targets of a model", model({ targets: [] }), ["route:models.m.targets: needs at least one target"]],
    ["a target without a cluster", model({ targets: [{}] }), ["route:models.m.targets[0].cluster: required"]],
    [
      "star in the middle",
      { targets, models: { "g*t": { targets: twoTargets } } },
      [`route:models.g*t: * may stand only once, at the end`],
    ],
    [
      "blank in a pattern",
      { targets, models: { "gpt ": { targets: twoTargets } } },
      [`route:models["gpt "]: "gpt " begins or ends with a blank`],
    ],
    [
      "a dotted name",
      { targets, models: { "gpt-4.1": { targets: twoTargets, x: 1 } } },
      [`route:models["gpt-4.1"]: unknown key "x"`],
    ],
    [
      "sticky fallback",
      model({ sticky: ["user"] }),
      [`route:models.m.sticky: only strategy "split" can be sticky`],
    ],
    [
      "unknown caller field",
      model({ strategy: "split", sticky: ["usr"] }),
      [
        `route:models.m.sticky[0]: unknown caller field "usr" (did you mean "user"?); available: tenant, app, user, department, plan, ip, key`,
      ],
    ],
    [
      "weight without split",
      target({ weight: 2 }),
      [`route:models.m.targets[0].weight: only strategy "split" has weights`],
    ],
    [
      "weights of nothing",
      model({ strategy: "split", targets: [{ cluster: "openai", weight: 0 }] }),
      ["route:models.m.targets: every weight is 0: nobody would be asked"],
    ],
    [
      "fractional weight",
      target({ weight: "0.5" }),
      [`route:models.m.targets[0].weight: expected a whole number from 0 to 1000000, got "0.5"`],
    ],
    [
      "a number for a model",
      target({ model: 4 }),
      ["route:models.m.targets[0].model: expected the name of a model, got 4"],
    ],
    [
      "attempts 0",
      model({ attempts: 0 }),
      ["route:models.m.attempts: expected a whole number from 1 to 10, got 0"],
    ],
    [
      "attempts 11",
      model({ attempts: 11 }),
      ["route:models.m.attempts: expected a whole number from 1 to 10, got 11"],
    ],
    [
      "timeout without a unit",
      model({ per_try_timeout: 30 }),
      ["route:models.m.per_try_timeout: expected a duration such as 500ms, 30s or 2m, got 30"],
    ],
    [
      "timeout of nothing",
      model({ per_try_timeout: "0s" }),
      [`route:models.m.per_try_timeout: must be from 1ms to 3600s, got "0s"`],
    ],
    [
      "strict as text",
      { ...settings({}), strict: "yes" },
      [`route:strict: expected true or false, got "yes"`],
    ],
    [
      "base path without slash",
      settings({ base_path: "v1" }),
      [`route:targets.a.base_path: expected a path that begins with "/", got "v1"`],
    ],
    [
      "base path with a query",
      settings({ base_path: "/v1?x" }),
      [`route:targets.a.base_path: expected a path that begins with "/", got "/v1?x"`],
    ],
    [
      "base path upwards",
      settings({ base_path: "/v1/../x" }),
      [`route:targets.a.base_path: expected a path that begins with "/", got "/v1/../x"`],
    ],
    [
      "indispensable field",
      settings({ quirks: { unsupported: ["model"] } }),
      ["route:targets.a.quirks.unsupported[0]: this field cannot be left out"],
    ],
    [
      "renamed twice",
      settings({ quirks: { renamed: { a: "x", b: "x" } } }),
      [`route:targets.a.quirks.renamed.b: "a" is renamed to that too`],
    ],
    [
      "renamed and unsupported",
      settings({ quirks: { renamed: { a: "x" }, unsupported: ["a"] } }),
      ["route:targets.a.quirks.renamed.a: is also in unsupported"],
    ],
    [
      "price of words",
      price("cheap"),
      [`route:prices.m.input: "cheap" is not a price: write USD per million tokens as a decimal, e.g. 0.25`],
    ],
    [
      "negative price",
      price(-1),
      ["route:prices.m.input: -1 is not a price: write USD per million tokens as a decimal, e.g. 0.25"],
    ],
    [
      "price without output",
      { ...settings({}), prices: { m: { input: 1 } } },
      ["route:prices.m.output: required"],
    ],
    [
      "calls to a cluster that is none",
      { ...settings({}), calls: { "/v1/files*": { cluster: "b" } } },
      [`route:calls["/v1/files*"].cluster: "b" is not in targets (did you mean "a"?)`],
    ],
    [
      "calls to a provider that takes none",
      {
        targets: { a: { provider: "bedrock" }, b: { provider: "openai" } },
        models: { m: { targets: [{ cluster: "b" }] } },
        calls: { "/v1/files*": { cluster: "a" } },
      },
      [`route:calls["/v1/files*"].cluster: provider "bedrock" takes no calls that name no model`],
    ],
    [
      "calls without a cluster",
      { ...settings({}), calls: { "/v1/files*": {} } },
      [`route:calls["/v1/files*"].cluster: required`],
    ],
    [
      "a list of calls",
      { ...settings({}), calls: ["/v1/files"] },
      ["route:calls: expected a mapping, got a list"],
    ],
    ["no calls at all", { ...settings({}), calls: {} }, []],
    ...[
      ["/v1/chat/completions", "/chat/completions"],
      ["/v1/chat/*", "/chat/completions"],
      ["/v1/f*", undefined],
      ["/v1/m*", "/messages"],
      ["/llm/v1/i*", "/images/generations"],
      ["/v1/audio/*", "/audio/speech"],
      ["/v1/audio/voices*", undefined],
      ["/v1/responses", "/responses"],
      ["/v1/responses*", "/responses"],
      ["/v1/responses/*", undefined],
      ["/v1/messages/batches*", undefined],
      ["/v1beta/models*", "/models/"],
      ["/v1beta/cachedContents*", undefined],
    ].map(([pattern = "", covered]): [string, unknown, string[]] => [
      `calls to ${pattern}`,
      { ...settings({}), calls: { [pattern]: { cluster: "a" } } },
      covered === undefined
        ? []
        : [`route:calls["${pattern}"]: would match ${covered} too, whose calls name a model`],
    ]),
    ...["/*", "/v1*", "/v1/*", "/files*", "v1/files"].map((pattern): [string, unknown, string[]] => [
      `calls to ${pattern}`,
      { ...settings({}), calls: { [pattern]: { cluster: "a" } } },
      [
        `route:calls["${pattern}"]: must be a path with a version that names what shall pass, e.g. /v1/files*`,
      ],
    ]),
    [
      "calls with a star in the middle",
      { ...settings({}), calls: { "/v1/*/files": { cluster: "a" } } },
      [
        `route:calls["/v1/*/files"]: * may stand only once, at the end`,
        `route:calls["/v1/*/files"]: must be a path with a version that names what shall pass, e.g. /v1/files*`,
      ],
    ],
    [
      "price of nothing",
      { ...settings({}), prices: { m: {} } },
      ["route:prices.m.input: required", "route:prices.m.output: required"],
    ],
    [
      "a cache's price beside an image's",
      { ...settings({}), prices: { m: { image: 0.04, cache_read: 1 } } },
      ["route:prices.m.input: required", "route:prices.m.output: required"],
    ],
    [
      "price of cached tokens and a margin",
      { ...settings({}), prices: { m: { cache_read: 1, margin: 0.1 } } },
      ["route:prices.m.input: required", "route:prices.m.output: required"],
    ],
    ["a discount on the price list", { ...settings({}), prices: { "*": { discount: "0.15" } } }, []],
    ["a margin on images", { ...settings({}), prices: { m: { image: 1, margin: 1.5 } } }, []],
    ...(
      [
        ["discount", 1.1, 1],
        ["discount", "15%", 1],
        ["discount", "0.1234567", 1],
        ["margin", -0.1, 100],
        ["margin", 101, 100],
        ["margin", null, 100],
      ] as const
    ).map(([key, value, highest]): [string, unknown, string[]] => [
      `${key} of ${value}`,
      { ...settings({}), prices: { "*": { [key]: value } } },
      [
        `route:prices.*.${key}: expected a decimal from 0 to ${highest} with at most six digits after the point, e.g. 0.15, got ${value === null ? "nothing" : JSON.stringify(value)}`,
      ],
    ]),
    ["price of images alone", { ...settings({}), prices: { m: { image: "0.04" } } }, []],
    ["price of calls alone", { ...settings({}), prices: { m: { request: 0 } } }, []],
    [
      "price of a piece in words",
      { ...settings({}), prices: { m: { search: "cheap" } } },
      [`route:prices.m.search: "cheap" is not a price: write USD as a decimal, e.g. 0.25`],
    ],
    [
      "price of a piece that is a slip",
      { ...settings({}), prices: { m: { minute: 10_001 } } },
      ["route:prices.m.minute: 10001 is above 10000 USD"],
    ],
    [
      "price of a piece that is a list",
      { ...settings({}), prices: { m: { image: [1] } } },
      ["route:prices.m.image: expected USD per image, got a list"],
    ],
    [
      "audio by the minute and by the hour",
      { ...settings({}), prices: { m: { minute: 0.006, hour: 0.36 } } },
      ["route:prices.m.hour: minute says it already"],
    ],
  ])("%s", (_, route, expected) => {
    expect(issues(route)).toEqual(expected);
  });

  it("all come at once", () => {
    expect(
      issues({ targets: { a: { provider: "x" } }, models: { m: { targets: [], attempts: 99 } } }),
    ).toHaveLength(3);
  });

  it("lead to the offending key", () => {
    expect(errorOf(model({ stratgy: "split" }))?.issues[0]).toMatchObject({
      origin: "route",
      segments: ["models", "m", "stratgy"],
    });
  });
});
