/** What providers serve beside conversations, and where: a table of provider, client's path and target's path. */
import { describe, expect, it } from "vitest";
import { clientDialect } from "../../../src/dialects/registry.ts";
import { endpointFor } from "../../../src/providers/endpoint.ts";
import type { TargetSettings } from "../../../src/providers/provider.ts";
import { providerNamed, providerNames } from "../../../src/providers/registry.ts";

/** Undefined: it does not serve it. */
function placeOf(
  name: string,
  clientPath: string,
  settings: Partial<TargetSettings> = {},
): string | undefined {
  const client = clientDialect("POST", clientPath);
  if (client === undefined) throw new Error(`${clientPath} is no client's`);
  return endpointFor(providerNamed(name), client, { model: "the model", path: clientPath })?.path({
    settings: { provider: name, ...settings },
    model: "the model",
    stream: false,
    clientHeader: () => undefined,
    clientPath,
    sameDialect: true,
  });
}

const clientPaths = [
  "/v1/images/generations",
  "/v1/images/edits",
  "/v1/images/variations",
  "/v1/audio/speech",
  "/v1/audio/transcriptions",
  "/v1/audio/translations",
  "/v1/moderations",
  "/v1/rerank",
] as const;

const [generations, edits, variations, speech, transcriptions, translations, moderations, rerank] =
  clientPaths;
const images = [generations, edits, variations];
const audio = [speech, transcriptions, translations];

/** By provider: its base path, and which of the calls above it takes at the same place below it. */
const served: Readonly<Record<string, readonly [basePath: string, paths: readonly string[]]>> = {
  openai: ["/v1", [...images, ...audio, moderations]],
  "openai-responses": ["/v1", [...images, ...audio, moderations]],
  "openai-compatible": ["/v1", clientPaths],
  "azure-openai": ["/openai/v1", [generations, edits, ...audio]],
  "azure-openai-responses": ["/openai/v1", [generations, edits, ...audio]],
  mistral: ["/v1", [transcriptions, moderations]],
  groq: ["/openai/v1", audio],
  together: ["/v1", [generations, ...audio, rerank]],
  xai: ["/v1", [generations, edits]],
  openrouter: ["/api/v1", [speech, rerank]],
  fireworks: ["/inference/v1", [rerank]],
  vllm: ["/v1", [transcriptions, translations, rerank]],
};

describe("what providers serve", () => {
  it.each(providerNames.filter((name) => name !== "cohere"))("%s", (name) => {
    const [basePath, paths] = served[name] ?? ["", []];
    const places = clientPaths.map((path) => placeOf(name, path, { project: "p", location: "l" }));
    const expected = clientPaths.map((path) =>
      paths.includes(path) ? path.replace("/v1", basePath) : undefined,
    );
    expect(places).toEqual(expected);
  });

  it.each(Object.entries(served))("%s, behind another base path and another gateway's", (name, [, paths]) => {
    for (const path of paths) {
      expect(placeOf(name, `/llm${path}`, { basePath: "/proxy" })).toBe(path.replace("/v1", "/proxy"));
    }
  });
});

describe("Azure's deployments", () => {
  it.each([
    [generations, "/openai/deployments/the%20model/images/generations?api-version=2025-04-01-preview"],
    [edits, "/openai/deployments/the%20model/images/edits?api-version=2025-04-01-preview"],
    [variations, undefined],
    [speech, "/openai/deployments/the%20model/audio/speech?api-version=2025-04-01-preview"],
    [translations, "/openai/deployments/the%20model/audio/translations?api-version=2025-04-01-preview"],
  ])("%s", (path, place) => {
    expect(placeOf("azure-openai", path, { apiVersion: "2025-04-01-preview" })).toBe(place);
  });
});

describe("Cohere's own API beside its copy of OpenAI's", () => {
  it.each([
    ["/v2/rerank", {}, "/v2/rerank"],
    ["/v1/rerank", {}, "/v1/rerank"],
    ["/llm/v2/rerank", {}, "/v2/rerank"],
    ["/rerank", {}, "/v1/rerank"],
    ["/v2/rerank", { basePath: "/proxy/compatibility/v1" }, "/proxy/v2/rerank"],
    ["/v2/rerank", { basePath: "/proxy" }, "/proxy/v2/rerank"],
    [transcriptions, {}, "/v2/audio/transcriptions"],
    [translations, {}, undefined],
    [speech, {}, undefined],
  ])("%s with %j", (path, settings, place) => {
    expect(placeOf("cohere", path, settings)).toBe(place);
  });
});
