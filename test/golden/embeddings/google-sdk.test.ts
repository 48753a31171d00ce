/** What Google's own SDK sends for the same texts: path and body, for both of its homes. */
import { GoogleGenAI } from "@google/genai";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { geminiEmbeddings } from "../../../src/dialects/gemini-embeddings/index.ts";
import { openaiEmbeddings } from "../../../src/dialects/openai-embeddings/index.ts";
import { vertexEmbeddings } from "../../../src/dialects/vertex-embeddings/index.ts";
import type { EmbeddingsRequest } from "../../../src/embeddings/request.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { endpointFor } from "../../../src/providers/endpoint.ts";
import { providerNamed } from "../../../src/providers/registry.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Path and body of the call that the SDK would make. */
async function sent(isVertex: boolean, model: string, request: EmbeddingsRequest) {
  let call: { path: string; body: JsonObject } | undefined;
  vi.stubGlobal("fetch", async (url: string | URL, init?: { body?: unknown }) => {
    call = { path: new URL(url).pathname, body: JSON.parse(String(init?.body)) as JsonObject };
    return Response.json({ embeddings: [], predictions: [], embedding: { values: [] } });
  });
  const place = isVertex ? { enterprise: true } : {};
  const { models } = new GoogleGenAI({ apiKey: "k", ...place });
  await models.embedContent({
    model,
    contents: request.inputs.map((input) => (input.kind === "text" ? input.text : "")),
    config: {
      taskType: "RETRIEVAL_DOCUMENT",
      outputDimensionality: request.dimensions ?? 0,
      ...(isVertex && { autoTruncate: false }),
    },
  });
  if (call === undefined) throw new Error("the SDK called nobody");
  return call;
}

function asked(...texts: readonly string[]): EmbeddingsRequest {
  return {
    model: "m",
    inputs: texts.map((text) => ({ kind: "text", text })),
    dimensions: 256,
    purpose: "document",
    extra: {},
    paths: {},
  };
}

const settings = { provider: "any", project: "p", location: "l" };
const addressing = (model: string) => ({
  ...{ settings, model, stream: false, clientHeader: () => undefined, clientPath: "", sameDialect: false },
});

const withoutRole = (name: string, value: unknown) => (name === "role" ? undefined : value);

const endpointOf = (name: string, model: string) =>
  endpointFor(providerNamed(name), openaiEmbeddings, { model, path: "/v1/embeddings" });

describe("the call that Google's SDK makes", () => {
  it.each([
    ["gemini-embedding-001", asked("one")],
    ["gemini-embedding-001", asked("one", "two")],
    ["tunedModels/mine", asked("one")],
  ])("to Google AI for %s", async (model, request) => {
    const body = geminiEmbeddings.encodeRequest(request, { model, quirks: noQuirks }, new Losses());
    const call = await sent(false, model, request);
    // Its sibling for Python leaves the role out, as we do; see the recorded requests.
    expect(body).toEqual(JSON.parse(JSON.stringify(call.body), withoutRole));
    expect(endpointOf("google", model)?.path(addressing(model))).toBe(call.path);
  });

  it.each([
    ["text-embedding-005", asked("one", "two")],
    ["gemini-embedding-001", asked("one")],
    ["gemini-embedding-2", asked("one")],
    ["gemini-embedding-2-preview", asked("one")],
  ])("to Vertex AI for %s", async (model, request) => {
    const body = vertexEmbeddings.encodeRequest(request, { model, quirks: noQuirks }, new Losses());
    const call = await sent(true, model, request);
    expect(body).toEqual(call.body);
    const ours = endpointOf("vertex", model)?.path(addressing(model)) ?? "";
    // The SDK's key stands for project and location.
    expect(ours.replace("/v1/projects/p/locations/l/", "")).toBe(call.path.replace(/^\/v1\w*\//, ""));
  });
});
