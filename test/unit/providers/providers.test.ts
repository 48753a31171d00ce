import { describe, expect, it } from "vitest";
import { credentialHeaders, isCredentialHeader } from "../../../src/providers/credentials.ts";
import type { Addressing } from "../../../src/providers/provider.ts";
import { provider, providerNamed, providerNames } from "../../../src/providers/registry.ts";

function addressing(
  over: Partial<Addressing> & { client?: Record<string, string>; basePath?: string } = {},
): Addressing {
  const { client = {}, basePath, ...rest } = over;
  return {
    settings: { provider: "any", ...(basePath === undefined ? {} : { basePath }) },
    model: "m",
    stream: false,
    clientHeader: (name) => client[name],
    clientPath: "",
    sameDialect: true,
    ...rest,
  };
}

function row(name: string) {
  const found = provider(name);
  if (found === undefined) throw new Error(`no provider ${name}`);
  return found;
}

describe("the registry", () => {
  it("finds every provider by the name it lists, and no other", () => {
    expect(providerNames).toEqual([
      ...["openai", "openai-responses", "anthropic", "google", "vertex", "vertex-anthropic"],
      ...["bedrock", "azure-openai", "azure-openai-responses", "cloudflare-workers-ai", "replicate"],
      ...[
        "mistral",
        "groq",
        "together",
        "deepseek",
        "xai",
        "openrouter",
        "cohere",
        "huggingface",
        "fireworks",
      ],
      ...["perplexity", "ollama", "vllm", "openai-compatible"],
    ]);
    for (const name of providerNames) expect(row(name).name).toBe(name);
    expect(provider("opneai")).toBeUndefined();
    expect(provider("constructor")).toBeUndefined();
    expect(providerNamed("openai")).toBe(provider("openai"));
    expect(() => providerNamed("opneai")).toThrow("opneai");
  });
});

describe("paths", () => {
  it.each([
    ["openai", undefined, "/v1/chat/completions"],
    ["openai", "/eu/v1", "/eu/v1/chat/completions"],
    ["anthropic", undefined, "/v1/messages"],
    ["anthropic", "/proxy/v1", "/proxy/v1/messages"],
    ["openai-compatible", undefined, "/v1/chat/completions"],
    ["openai-compatible", "/openai/v1", "/openai/v1/chat/completions"],
    ["openai-compatible", "", "/chat/completions"],
  ])("%s with base path %s", (name, basePath, path) => {
    expect(row(name).path(addressing(basePath === undefined ? {} : { basePath }))).toBe(path);
  });
});

describe("the path of Bedrock", () => {
  it.each([
    [
      "anthropic.claude-sonnet-4-5-20250929-v1:0",
      false,
      "anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse",
    ],
    ["us.amazon.nova-micro-v1:0", true, "us.amazon.nova-micro-v1%3A0/converse-stream"],
    [
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1",
      false,
      "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fmi1/converse",
    ],
  ])("names the model %s, and whether to stream: %s", (model, stream, path) => {
    expect(row("bedrock").path(addressing({ model, stream }))).toBe(`/model/${path}`);
    expect(row("bedrock").path(addressing({ model, stream, basePath: "/proxy" }))).toBe(
      `/proxy/model/${path}`,
    );
  });
});

describe("the paths of Gemini", () => {
  const vertex = { provider: "vertex", project: "acme-ai", location: "europe-west4" };
  it.each([
    [
      "google",
      { provider: "google" },
      "gemini-2.5-flash",
      false,
      "/v1beta/models/gemini-2.5-flash:generateContent",
    ],
    [
      "google",
      { provider: "google" },
      "gemini-2.5-flash",
      true,
      "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    ],
    ["google", { provider: "google", basePath: "/v1" }, "m", false, "/v1/models/m:generateContent"],
    ["google", { provider: "google" }, "tunedModels/mine", false, "/v1beta/tunedModels/mine:generateContent"],
    ["google", { provider: "google" }, "models/m", false, "/v1beta/models/m:generateContent"],
    ["google", { provider: "google" }, "odd?key=x", false, "/v1beta/models/odd%3Fkey%3Dx:generateContent"],
    [
      "vertex",
      vertex,
      "gemini-2.5-pro",
      false,
      "/v1/projects/acme-ai/locations/europe-west4/publishers/google/models/gemini-2.5-pro:generateContent",
    ],
    [
      "vertex",
      { ...vertex, basePath: "/v1beta1", location: "global" },
      "gemini-2.5-pro",
      true,
      "/v1beta1/projects/acme-ai/locations/global/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
    ],
  ])("%s names the model and whether to stream", (name, settings, model, stream, path) => {
    expect(row(name).path(addressing({ settings, model, stream }))).toBe(path);
  });
});

describe("the paths of Claude at Vertex AI", () => {
  const settings = { provider: "vertex-anthropic", project: "acme-ai", location: "us-east5" };
  it.each([
    [false, "rawPredict"],
    [true, "streamRawPredict"],
  ])("streamed: %s", (stream, method) => {
    const path = row("vertex-anthropic").path(
      addressing({ settings, model: "claude-sonnet-4-5@20250929", stream }),
    );
    const place = "/v1/projects/acme-ai/locations/us-east5/publishers/anthropic";
    expect(path).toBe(`${place}/models/claude-sonnet-4-5%4020250929:${method}`);
  });
});

describe("the paths of Azure", () => {
  it.each([
    [{}, "/openai/v1/chat/completions"],
    [{ basePath: "/proxy/v1" }, "/proxy/v1/chat/completions"],
    [{ apiVersion: "2024-10-21" }, "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"],
    [
      { apiVersion: "2025-04-01-preview", basePath: "/proxy" },
      "/proxy/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview",
    ],
  ])("with %o", (own, path) => {
    const settings = { provider: "azure-openai", ...own };
    expect(row("azure-openai").path(addressing({ settings, model: "my gpt" }))).toBe(path);
  });
});

describe("headers", () => {
  const client = { "anthropic-version": "2026-10-21", "anthropic-beta": "a,b", "openai-beta": "x=1" };
  it.each([
    [
      "anthropic keeps its own client's version and betas",
      "anthropic",
      true,
      client,
      [
        ["anthropic-version", "2026-10-21"],
        ["anthropic-beta", "a,b"],
      ],
    ],
    [
      "anthropic has a version when its own client sent none",
      "anthropic",
      true,
      {},
      [["anthropic-version", "2023-06-01"]],
    ],
    [
      "anthropic ignores another dialect's client",
      "anthropic",
      false,
      client,
      [["anthropic-version", "2023-06-01"]],
    ],
    ["openai keeps its own client's betas", "openai", true, client, [["openai-beta", "x=1"]]],
    ["openai ignores another dialect's client", "openai", false, client, []],
    [
      "google keeps its own client's",
      "google",
      true,
      { "x-server-timeout": "9" },
      [["x-server-timeout", "9"]],
    ],
    ["vertex ignores another dialect's client", "vertex", false, { "x-server-timeout": "9" }, []],
    ["azure wants none", "azure-openai", true, client, []],
    ["claude at Vertex AI wants the betas", "vertex-anthropic", true, client, [["anthropic-beta", "a,b"]]],
    ["claude at Vertex AI ignores another dialect's client", "vertex-anthropic", false, client, []],
    ["bedrock wants none", "bedrock", false, client, []],
    ["a compatible vendor wants none", "openai-compatible", true, {}, []],
  ])("%s", (_, name, sameDialect, headers, expected) => {
    expect(row(name).headers(addressing({ sameDialect, client: headers }))).toEqual(expected);
  });

  it("keeps protocol headers of one dialect from the other", () => {
    expect(row("bedrock").foreignHeaders).toEqual(
      expect.arrayContaining(["anthropic-version", "anthropic-beta", "openai-beta"]),
    );
    for (const name of ["openai", "openai-compatible"]) {
      expect(row(name).foreignHeaders).toEqual(
        expect.arrayContaining(["anthropic-version", "anthropic-beta"]),
      );
      expect(row(name).foreignHeaders).not.toContain("openai-beta");
    }
    expect(row("anthropic").foreignHeaders).toContain("openai-beta");
    expect(row("anthropic").foreignHeaders).not.toContain("anthropic-version");
  });
});

describe("credential headers", () => {
  it.each([
    ...["authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization"],
    ...["openai-organization", "openai-project", "x-goog-user-project"],
    ...["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"],
  ])("%s is one", (name) => expect(isCredentialHeader(name)).toBe(true));

  it.each([
    "content-type",
    "x-amzn-trace-id",
    "x-request-id",
    "anthropic-version",
    "x-stainless-lang",
    "host",
    "",
  ])("%s is none", (name) => expect(isCredentialHeader(name)).toBe(false));

  it("are written in lower case, as Envoy hands headers over", () => {
    for (const name of credentialHeaders) expect(name).toBe(name.toLowerCase());
  });
});
