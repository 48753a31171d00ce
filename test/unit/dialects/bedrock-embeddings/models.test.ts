/** Which models are known, and how much each target takes in one call. */
import { describe, expect, it } from "vitest";
import { Losses } from "../../../../src/conversation/losses.ts";
import { familyOf } from "../../../../src/dialects/bedrock-embeddings/model-family.ts";
import { noQuirks } from "../../../../src/dialects/dialect.ts";
import { openaiEmbeddings } from "../../../../src/dialects/openai-embeddings/index.ts";
import { embeddingTargets } from "../../../../src/dialects/registry.ts";
import { methodOf } from "../../../../src/dialects/vertex-embeddings/method.ts";

it.each([
  ["amazon.titan-embed-text-v1", "titan-text-v1"],
  ["amazon.titan-embed-g1-text-02", "titan-text-v1"],
  ["amazon.titan-embed-text-v2:0", "titan-text-v2"],
  ["arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0", "titan-text-v2"],
  ["amazon.titan-embed-image-v1", "titan-multimodal"],
  ["cohere.embed-english-v3", "cohere-v3"],
  ["cohere.embed-multilingual-v3", "cohere-v3"],
  ["us.cohere.embed-v4:0", "cohere-v4"],
  ["global.cohere.embed-v4:0", "cohere-v4"],
  ["amazon.nova-2-multimodal-embeddings-v1:0", "nova"],
  ["us.amazon.nova-micro-v1:0", undefined],
  ["arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1", undefined],
])("Bedrock's %s is of the family %s", (model, family) => {
  expect(familyOf(model)).toBe(family);
});

it.each([
  ["text-embedding-005", "predict"],
  ["text-multilingual-embedding-002", "predict"],
  ["gemini-embedding-001", "predict"],
  ["gemini-embedding-2", "embedContent"],
  ["gemini-embedding-2-preview", "embedContent"],
])("Vertex AI serves %s by %s", (model, method) => {
  expect(methodOf(model)).toBe(method);
});

describe("one call takes", () => {
  function ask(name: string, model: string, count: number): unknown {
    const target = embeddingTargets.find((each) => each.name === name);
    const input = Array.from({ length: count }, (_, index) => `text ${index}`);
    const request = openaiEmbeddings.decodeRequest({ model: "asked", input });
    return target?.encodeRequest(request, { model, quirks: noQuirks }, new Losses());
  }

  it.each([
    ["gemini-embeddings", "gemini-embedding-001", 100],
    ["vertex-embeddings", "text-embedding-005", 250],
    ["vertex-embeddings", "gemini-embedding-2", 1],
    ["bedrock-embeddings", "amazon.titan-embed-text-v2:0", 1],
    ["bedrock-embeddings", "cohere.embed-english-v3", 96],
    ["bedrock-embeddings", "amazon.nova-2-multimodal-embeddings-v1:0", 1],
  ])("at %s for %s: %d", (name, model, most) => {
    expect(ask(name, model, most)).toBeDefined();
    expect(() => ask(name, model, most + 1)).toThrow(
      expect.objectContaining({ path: "input", status: 400, code: "too_many_inputs" }),
    );
  });

  it("nothing, of a model that cannot be told", () => {
    expect(() => ask("bedrock-embeddings", "arn:aws:…:application-inference-profile/mi1", 1)).toThrow(
      expect.objectContaining({ path: "model", code: "unknown_embedding_model" }),
    );
  });
});
