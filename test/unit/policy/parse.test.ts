import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";
import { providerNames } from "../../../src/providers/registry.ts";

const targets = { openai: { provider: "openai" }, claude: { provider: "anthropic" } };
const twoTargets = [
  { cluster: "openai", model: "gpt-4o" },
  { cluster: "claude", model: "claude-sonnet-4-5" },
];

function parse(route: unknown, virtualHost?: unknown) {
  return parsePolicy(route === undefined ? undefined : JSON.stringify(route), JSON.stringify(virtualHost));
}

/** `path: message` of every issue; empty when the policy is fine. */
function issues(route: unknown, virtualHost?: unknown): string[] {
  try {
    parse(route, virtualHost);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map((issue) => `${issue.path}: ${issue.message}`);
  }
}

describe("a policy", () => {
  it("names Vertex AI's project and region", () => {
    const vertex = { provider: "vertex", project: "acme-ai", location: "europe-west4" };
    expect(parse({ targets: { vertex } }).targets.get("vertex")).toEqual(vertex);
    const cloudflare = { provider: "cloudflare-workers-ai", account: "0123abc" };
    expect(parse({ targets: { cloudflare } }).targets.get("cloudflare")).toEqual(cloudflare);
  });

  it("sends calls that name no model to the cluster of the longest pattern", () => {
    const { calls, call } = parse({
      targets,
      models: { m: { targets: [{ cluster: "openai" }] } },
      calls: {
        "/v1/files*": { cluster: "openai" },
        "/v1/files/claude*": { cluster: "claude" },
        "/v1/batches": { cluster: "claude" },
      },
    });
    expect(calls).toHaveLength(3);
    const cluster = (path: string) => call(path)?.cluster;
    expect(["/v1/files", "/v1/files/f", "/v1/files/claude-1"].map(cluster)).toEqual([
      "openai",
      "openai",
      "claude",
    ]);
    expect(["/v1/batches", "/v1/batches/b", "/v1/containers"].map(cluster)).toEqual([
      "claude",
      undefined,
      undefined,
    ]);
    expect(call("/v1/files")).toEqual({
      pattern: "/v1/files*",
      cluster: "openai",
      settings: { provider: "openai" },
    });
  });

  it("tells no calls from calls that it says nothing of", () => {
    const one = { targets: { openai: { provider: "openai" } } };
    expect(parse(one).calls).toBeUndefined();
    expect(parse({ ...one, calls: {} }).calls).toEqual([]);
    expect(parse({ ...one, calls: {} }).call("/v1/files")).toBeUndefined();
  });

  it("prices pieces exactly, audio by the minute or by the hour", () => {
    const { price } = parse({
      targets: { openai: { provider: "openai" } },
      prices: {
        "dall-e-3": { image: "0.04", request: 0.001 },
        "whisper-1": { minute: "0.006" },
        "whisper-large-v3-turbo": { hour: 0.04 },
        "rerank-*": { search: "0.002" },
      },
    });
    expect(price("dall-e-3")?.rates).toEqual({ image: 40_000_000, request: 1_000_000 });
    expect(price("whisper-1")?.rates).toEqual({ audioHour: 360_000_000 });
    expect(price("whisper-large-v3-turbo")?.rates).toEqual({ audioHour: 40_000_000 });
    expect(price("rerank-v3.5")?.rates).toEqual({ search: 2_000_000 });
  });

  it("is compiled with every key", () => {
    const policy = parse({
      targets: {
        ...targets,
        vllm: {
          provider: "openai-compatible",
          base_path: "/openai/v1/",
          quirks: { unsupported: ["logit_bias"], renamed: { max_completion_tokens: "max_tokens" } },
        },
      },
      models: {
        "gpt-4o": {
          strategy: "split",
          targets: [
            { cluster: "openai", weight: 9, max_tokens: 4096 },
            { cluster: "vllm", model: "llama", accepts: ["text", "image"] },
          ],
          sticky: ["user", "ip"],
          attempts: 3,
          per_try_timeout: "1.5s",
        },
      },
      prices: {
        "gpt-4o*": { input: "2.5", output: 10, cache_read: 1.25, cache_write: "0" },
        "*": { discount: "0.15", margin: 1.25 },
      },
      strict: true,
    });
    const vllm = {
      provider: "openai-compatible",
      basePath: "/openai/v1",
      quirks: { unsupported: ["logit_bias"], renamed: { max_completion_tokens: "max_tokens" } },
    };
    expect(policy.strict).toBe(true);
    expect(policy.targets.get("vllm")).toEqual(vllm);
    expect(policy.model("gpt-4o")).toEqual({
      pattern: "gpt-4o",
      strategy: "split",
      targets: [
        { cluster: "openai", settings: { provider: "openai" }, model: undefined, weight: 9, maxTokens: 4096 },
        {
          cluster: "vllm",
          settings: vllm,
          model: "llama",
          weight: 1,
          maxTokens: undefined,
          accepts: ["text", "image"],
        },
      ],
      sticky: ["user", "ip"],
      attempts: 3,
      perTryTimeoutMs: 1500,
    });
    const rates = { input: 25e8, output: 1e10, cacheRead: 125e7, cacheWrite: 0 };
    expect(policy.price("gpt-4o-mini")).toEqual({ rates, discountPpm: 0, marginPpm: 0 });
    const adjusted = { rates: undefined, discountPpm: 150_000, marginPpm: 1_250_000 };
    expect(policy.price("claude-sonnet-4-5")).toEqual(adjusted);
  });

  it("has defaults", () => {
    const policy = parse({ targets, models: { m: { targets: twoTargets } } });
    expect(policy.strict).toBe(false);
    expect(policy.price("m")).toBeUndefined();
    expect(policy.model("m")).toMatchObject({
      strategy: "fallback",
      sticky: [],
      attempts: undefined,
      perTryTimeoutMs: undefined,
      targets: [{ weight: 1 }, { weight: 1 }],
    });
  });

  it("finds a model by exact name, else by the longest prefix", () => {
    const to = (model: string) => ({ targets: [{ cluster: "openai", model }] });
    const policy = parse({
      targets,
      models: { "*": to("any"), "gpt-*": to("gpt"), "gpt-4*": to("gpt4"), "gpt-4o": to("exact") },
    });
    const served = (name: string) => policy.model(name)?.targets[0]?.model;
    expect(["gpt-4o", "gpt-4o-mini", "gpt-3.5", "o3", ""].map(served)).toEqual([
      "exact",
      "gpt4",
      "gpt",
      "any",
      "any",
    ]);
    expect(policy.models.map((route) => route.pattern)).toEqual(["*", "gpt-*", "gpt-4*", "gpt-4o"]);
  });

  it("knows no model that nobody wrote down", () => {
    const policy = parse({ targets, models: { "gpt-4o": { targets: twoTargets } } });
    expect(policy.model("gpt-4o-mini")).toBeUndefined();
    expect(policy.model("constructor")).toBeUndefined();
  });

  it("sends every model to the only target when there are no models", () => {
    const policy = parse({ targets: { openai: { provider: "openai" } } });
    expect(policy.model("whatever")).toMatchObject({
      pattern: "*",
      targets: [{ cluster: "openai", model: undefined }],
    });
  });

  it("takes integers in text, as some printers write them", () => {
    const policy = parse({ targets, models: { m: { attempts: "4", targets: twoTargets } } });
    expect(policy.model("m")?.attempts).toBe(4);
  });
});

describe("route and virtual host", () => {
  it("merge key by key, and the route wins", () => {
    const virtualHost = { targets, models: { a: { targets: twoTargets } }, strict: true };
    const policy = parse({ models: { b: { targets: twoTargets } } }, virtualHost);
    expect(policy.strict).toBe(true);
    expect(policy.model("a")).toBeUndefined();
    expect(policy.model("b")?.targets).toHaveLength(2);
  });

  it("replaces a whole top-level key, without a look at what it replaces", () => {
    const policy = parse(
      { targets: { openai: targets.openai } },
      { targets: { claude: { provider: "nobody" } } },
    );
    expect([...policy.targets.keys()]).toEqual(["openai"]);
  });

  it.each([undefined, "", "-"])("takes %j for absent", (text) => {
    expect(parsePolicy(text, JSON.stringify({ targets: { a: { provider: "openai" } } })).targets.size).toBe(
      1,
    );
    expect(() => parsePolicy(text, text)).toThrow(PolicyError);
  });

  it("says whose key is at fault", () => {
    const route = { models: { m: { targets: [{ cluster: "opneai" }] } } };
    expect(issues(route, { targets })).toEqual([
      `route:models.m.targets[0].cluster: "opneai" is not in targets (did you mean "openai"?)`,
    ]);
    expect(issues({ strict: true }, { targets: { a: { provider: "anthropc" } } })).toEqual([
      `virtual_host:targets.a.provider: unknown provider "anthropc" (did you mean "anthropic"?); available: ${providerNames.join(", ")}`,
    ]);
  });
});
