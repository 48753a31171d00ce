/**
 * What an OpenAI client asks, as each target is asked it. Where a request is recorded that the provider accepted, ours is
 * that very request; the golden files hold the rest, and are reviewed.
 */
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import { Losses } from "../../../src/conversation/losses.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { openaiEmbeddings } from "../../../src/dialects/openai-embeddings/index.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { type EmbeddingsTarget, recorded, targets } from "./recordings.ts";

function encoded(target: EmbeddingsTarget, model: string, fields: JsonObject) {
  const losses = new Losses();
  const request = openaiEmbeddings.decodeRequest({ model: "as-asked", ...fields });
  const body = target.encodeRequest(request, { model, quirks: noQuirks }, losses);
  return { body, losses: losses.entries };
}

const named = (name: string): EmbeddingsTarget => {
  const found = targets.find((target) => target.name === name);
  if (found === undefined) throw new Error(`no target ${name}`);
  return found;
};

describe("the request that the provider accepted", () => {
  it.each<[name: string, file: string, model: string, asked: JsonObject]>([
    [
      "gemini-embeddings",
      "documents",
      "gemini-embedding-2-preview",
      { input: ["hello", "world"], input_type: "search_document" },
    ],
    [
      "gemini-embeddings",
      "query",
      "gemini-embedding-2-preview",
      { input: "Hello, world!", input_type: "query" },
    ],
    ["bedrock-embeddings", "titan-text-v1", "amazon.titan-embed-text-v1", { input: "Hello, world!" }],
    [
      "bedrock-embeddings",
      "cohere-v3",
      "cohere.embed-english-v3",
      { input: "Hello, world!", input_type: "search_query" },
    ],
    ["bedrock-embeddings", "cohere-v4", "us.cohere.embed-v4:0", { input: ["hello", "world"] }],
    [
      "bedrock-embeddings",
      "cohere-v4-dimensions",
      "cohere.embed-v4:0",
      { input: ["Test dimensions setting"], dimensions: 512, input_type: "search_query" },
    ],
    [
      "bedrock-embeddings",
      "nova",
      "amazon.nova-2-multimodal-embeddings-v1:0",
      { input: "Test Nova dimensions", dimensions: 256, input_type: "query" },
    ],
  ])("of %s: %s", (name, file, model, asked) => {
    const { body, losses } = encoded(named(name), model, { ...asked, encoding_format: "base64" });
    expect(body).toEqual(recorded(name, `${file}.request`));
    expect(losses).toEqual([]);
  });

  it("of Titan's second version, which normalizes unless told otherwise", () => {
    const asked = { input: "Test embedding dimensions", dimensions: 256 };
    const { body } = encoded(named("bedrock-embeddings"), "amazon.titan-embed-text-v2:0", asked);
    expect({ ...body, normalize: true }).toEqual(recorded("bedrock-embeddings", "titan-text-v2.request"));
  });

  it("of Vertex AI, which is told not to cut what is too long", () => {
    const asked = { input: "Hello, world!", input_type: "query" };
    const { body } = encoded(named("vertex-embeddings"), "gemini-embedding-001", asked);
    const predict = recorded("vertex-embeddings", "predict.request");
    expect(body).toEqual({ ...predict, parameters: { autoTruncate: false } });
  });
});

/** By name, so that each has its golden file. */
const cases: Readonly<Record<string, JsonObject>> = {
  text: { input: "Hello, world!" },
  texts: { input: ["hello", "world"] },
  tokens: { input: [[15339], [1917, 0]] },
  dimensions: { input: "hello", dimensions: 512 },
  everything: {
    input: "hello",
    dimensions: 256,
    encoding_format: "base64",
    user: "user-1",
    input_type: "similarity",
    provider: { order: ["x"] },
  },
};

const models: ReadonlyArray<readonly [target: string, model: string]> = [
  ["openai-embeddings", "text-embedding-3-small"],
  ["gemini-embeddings", "gemini-embedding-001"],
  ["vertex-embeddings", "text-embedding-005"],
  ["vertex-embeddings", "gemini-embedding-2"],
  ["bedrock-embeddings", "amazon.titan-embed-text-v1"],
  ["bedrock-embeddings", "amazon.titan-embed-text-v2:0"],
  ["bedrock-embeddings", "amazon.titan-embed-image-v1"],
  ["bedrock-embeddings", "cohere.embed-multilingual-v3"],
  ["bedrock-embeddings", "global.cohere.embed-v4:0"],
  ["bedrock-embeddings", "amazon.nova-2-multimodal-embeddings-v1:0"],
];

describe.each(models)("openai-embeddings → %s, %s", (name, model) => {
  it("says what was asked, or why not", async () => {
    const outcomes = Object.entries(cases).map(([title, fields]) => {
      try {
        return [title, encoded(named(name), model, fields)];
      } catch (error) {
        if (!(error instanceof InvalidRequestError)) throw error;
        const { path, message, status, code } = error;
        return [title, { refused: { path, message, status, code } }];
      }
    });
    const text = `${JSON.stringify(Object.fromEntries(outcomes), null, 1)}\n`;
    await expect(text).toMatchFileSnapshot(`__golden__/${name}/${model.replace(/[:]/g, "-")}.txt`);
  });
});
