/** Who serves embeddings: where, in which format, and what of a request each is sent. */
import { describe, expect, it } from "vitest";
import { openaiEmbeddings } from "../../../src/dialects/openai-embeddings/index.ts";
import { parseDocument } from "../../../src/json/document.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { endpointFor } from "../../../src/providers/endpoint.ts";
import type { Addressing, Endpoint, TargetSettings } from "../../../src/providers/provider.ts";
import { providerNamed, providerNames } from "../../../src/providers/registry.ts";
import { translateRequest } from "../../../src/translation/translate.ts";

function addressing(name: string, settings: Partial<TargetSettings>, model = "m"): Addressing {
  return {
    settings: { provider: name, ...settings },
    model,
    stream: false,
    clientHeader: (header) => (header === "openai-beta" ? "b=1" : undefined),
    clientPath: "/v1/embeddings",
    sameDialect: true,
  };
}

function endpoint(name: string): Endpoint {
  const found = endpointFor(providerNamed(name), openaiEmbeddings, { model: "m", path: "/v1/embeddings" });
  if (found === undefined) throw new Error(`${name} serves no embeddings`);
  return found;
}

/** By provider: the format, the usual path, and whether answers are written anew. */
const served: Readonly<Record<string, readonly [dialect: string, path: string, anew?: true]>> = {
  openai: ["openai-embeddings", "/v1/embeddings"],
  "openai-responses": ["openai-embeddings", "/v1/embeddings"],
  google: ["gemini-embeddings", "/v1beta/models/m:batchEmbedContents"],
  vertex: ["vertex-embeddings", "/v1/projects/p/locations/europe-west4/publishers/google/models/m:predict"],
  bedrock: ["bedrock-embeddings", "/model/m/invoke"],
  "azure-openai": ["openai-embeddings", "/openai/v1/embeddings"],
  "azure-openai-responses": ["openai-embeddings", "/openai/v1/embeddings"],
  "cloudflare-workers-ai": ["openai-embeddings", "/client/v4/accounts/a/ai/v1/embeddings", true],
  mistral: ["openai-embeddings", "/v1/embeddings", true],
  together: ["openai-embeddings", "/v1/embeddings", true],
  openrouter: ["openai-embeddings", "/api/v1/embeddings"],
  cohere: ["openai-embeddings", "/compatibility/v1/embeddings"],
  fireworks: ["openai-embeddings", "/inference/v1/embeddings", true],
  ollama: ["openai-embeddings", "/v1/embeddings"],
  vllm: ["openai-embeddings", "/v1/embeddings"],
  "openai-compatible": ["openai-embeddings", "/v1/embeddings", true],
};

const settings = { project: "p", location: "europe-west4", account: "a" };

describe("embeddings are served", () => {
  it("by these and no others", () => {
    const serving = providerNames.filter((name) =>
      endpointFor(providerNamed(name), openaiEmbeddings, { model: "m", path: "/v1/embeddings" }),
    );
    expect(serving.sort()).toEqual(Object.keys(served).sort());
  });

  it.each(Object.entries(served))("by %s", (name, [dialect, path, anew]) => {
    const found = endpoint(name);
    expect(found.dialect).toBe(dialect);
    expect(found.path(addressing(name, settings))).toBe(path);
    expect(found.answersDiffer === true).toBe(anew === true);
  });

  it.each<[string, string, Partial<TargetSettings>, string]>([
    ["openai", "m", { basePath: "/eu/v1" }, "/eu/v1/embeddings"],
    ["openai-compatible", "m", { basePath: "" }, "/embeddings"],
    ["vllm", "m", { basePath: "/proxy" }, "/proxy/embeddings"],
    [
      "azure-openai",
      "my embed",
      { apiVersion: "2024-10-21" },
      "/openai/deployments/my%20embed/embeddings?api-version=2024-10-21",
    ],
    [
      "google",
      "models/gemini-embedding-001",
      { basePath: "/v1" },
      "/v1/models/gemini-embedding-001:batchEmbedContents",
    ],
    [
      "vertex",
      "gemini-embedding-2",
      { project: "p", location: "global" },
      "/v1/projects/p/locations/global/publishers/google/models/gemini-embedding-2:embedContent",
    ],
    ["bedrock", "cohere.embed-v4:0", {}, "/model/cohere.embed-v4%3A0/invoke"],
    [
      "bedrock",
      "arn:aws:bedrock:x:1:y/z",
      { basePath: "/b" },
      "/b/model/arn%3Aaws%3Abedrock%3Ax%3A1%3Ay%2Fz/invoke",
    ],
  ])("by %s for %s, with %o", (name, model, more, path) => {
    expect(endpoint(name).path(addressing(name, more, model))).toBe(path);
  });

  it("with OpenAI's headers where OpenAI's format is spoken, without them elsewhere", () => {
    for (const [name, [dialect]] of Object.entries(served)) {
      const isOpenAis = dialect === "openai-embeddings" && !name.startsWith("azure");
      const given = endpoint(name).headers(addressing(name, settings));
      expect(given, name).toEqual(isOpenAis ? [["openai-beta", "b=1"]] : []);
      if (dialect !== "openai-embeddings")
        expect(providerNamed(name).foreignHeaders).toContain("openai-beta");
    }
  });
});

describe("of a full request, what is sent", () => {
  const full: JsonObject = {
    model: "asked",
    input: ["one", "two"],
    dimensions: 256,
    encoding_format: "base64",
    user: "u",
    input_type: "query",
  };

  /** By vendor: what is gone, of that what is lost, and what is there instead. */
  it.each<[string, string[], string[], JsonObject]>([
    ["openai", [], [], {}],
    ["vllm", [], [], {}],
    ["openrouter", [], [], {}],
    ["fireworks", [], [], {}],
    ["openai-compatible", [], [], {}],
    ["mistral", ["dimensions", "user", "input_type"], ["user", "input_type"], { output_dimension: 256 }],
    [
      "together",
      ["dimensions", "encoding_format", "user", "input_type"],
      ["dimensions", "user", "input_type"],
      {},
    ],
    ["cohere", ["dimensions", "user"], ["dimensions", "user"], {}],
    ["ollama", ["user"], ["user"], {}],
  ])("to %s", (name, gone, lost, added) => {
    const document = parseDocument(Buffer.from(JSON.stringify(full)));
    const { body, losses } = translateRequest(
      openaiEmbeddings,
      openaiEmbeddings,
      document,
      () => openaiEmbeddings.decodeRequest(document.value),
      { model: "m", quirks: endpoint(name).quirks },
    );
    const kept = Object.entries({ ...full, model: "m" }).filter(([field]) => !gone.includes(field));
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({ ...Object.fromEntries(kept), ...added });
    expect(losses.map(({ path }) => path)).toEqual(lost);
  });
});
