/** OpenAI's official SDK in front, embeddings of OpenAI, Azure, Google and Bedrock behind. */
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { expectedSignature, signatureOf } from "./aws-signature.ts";
import { recordedJson } from "./recordings.ts";

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret-of-bedrock" };
const key = (value: string) => ({ from: "value", value }) as const;
const bearer = (value: string) => ({ header: "authorization", prefix: "Bearer ", secret: key(value) });
const titan = "amazon.titan-embed-text-v2:0";

let running: RunningGateway;
let openai: OpenAI;

beforeAll(async () => {
  running = await gateway({
    clusters: [
      { name: "openai", credential: bearer("key-of-openai") },
      { name: "azure", credential: { header: "api-key", secret: key("key-of-azure") } },
      { name: "google", credential: { header: "x-goog-api-key", secret: key("key-of-google") } },
      { name: "vertex", credential: bearer("key-of-vertex") },
      {
        name: "bedrock",
        hostname: "bedrock-runtime.us-east-1.amazonaws.com",
        credential: { kind: "aws-signature", service: "bedrock", region: "us-east-1", keys },
      },
    ],
    policy: {
      targets: {
        openai: { provider: "openai" },
        azure: { provider: "azure-openai", api_version: "2024-10-21" },
        google: { provider: "google" },
        vertex: { provider: "vertex", project: "acme-ai", location: "global" },
        bedrock: { provider: "bedrock" },
      },
    },
    routePolicy: {
      models: {
        "text-embedding-3-small": {
          targets: [{ cluster: "openai" }, { cluster: "azure", model: "my-embed" }],
        },
        gemini: { targets: [{ cluster: "google", model: "gemini-embedding-001" }] },
        "on-vertex": { targets: [{ cluster: "vertex", model: "gemini-embedding-001" }] },
        titan: { targets: [{ cluster: "bedrock", model: titan }], attempts: 1 },
        cohere: { targets: [{ cluster: "bedrock", model: "cohere.embed-v4:0" }], attempts: 1 },
        "titan-first": {
          targets: [
            { cluster: "bedrock", model: titan },
            { cluster: "google", model: "gemini-embedding-001" },
          ],
        },
      },
    },
  });
  openai = new OpenAI({
    apiKey: "key-of-the-client",
    maxRetries: 0,
    timeout: 30_000,
    baseURL: `${running.url}/v1`,
  });
});

afterAll(async () => {
  await running?.stop();
});

const busy = json({ error: { message: "busy" } }, 503);

function last(cluster: string) {
  const request = running.upstream(cluster).requests.at(-1);
  if (request === undefined) throw new Error(`${cluster} was sent nothing`);
  const secrets = JSON.stringify(request.headers).match(/key-of-[a-z-]+/g) ?? [];
  expect(secrets).toEqual(cluster === "bedrock" ? [] : [`key-of-${cluster}`]);
  return { path: request.path, body: request.json(), request };
}

function answering(cluster: string, ...answers: UpstreamAnswer[]): void {
  running.upstream(cluster).respondWith(answers);
}

/** Vectors as the recorded answer of OpenAI holds them. */
function recordedVectors(): number[][] {
  const { data } = recordedJson("openai-embeddings/documents.json") as { data: { embedding: string }[] };
  return data.map(({ embedding }) => {
    const bytes = Buffer.from(embedding, "base64");
    return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  });
}

describe("at OpenAI", () => {
  test("what the SDK asks by itself, base64, passes and is decoded by it", async () => {
    answering("openai", json(recordedJson("openai-embeddings/documents.json")));
    const { data: answer, response } = await openai.embeddings
      .create({ model: "text-embedding-3-small", input: ["hello", "world"] })
      .withResponse();
    expect(last("openai")).toMatchObject({
      path: "/v1/embeddings",
      body: { model: "text-embedding-3-small", input: ["hello", "world"], encoding_format: "base64" },
    });
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(recordedVectors());
    expect(answer.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
    // Two tokens at two cents a million.
    expect(response.headers.get("x-tollgate-cost")).toBe("0.000000040");
    expect(response.headers.get("x-tollgate-lossy")).toBeNull();
  });

  test("a failover to Azure takes path, model and key with it", async () => {
    answering("openai", busy);
    answering("azure", json(recordedJson("openai-embeddings/query.json")));
    const { data: answer, response } = await openai.embeddings
      .create({ model: "text-embedding-3-small", input: "Hello, world!", dimensions: 1536 })
      .withResponse();
    expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, azure;200");
    expect(last("azure")).toMatchObject({
      path: "/openai/deployments/my-embed/embeddings?api-version=2024-10-21",
      body: { model: "my-embed", input: "Hello, world!", dimensions: 1536, encoding_format: "base64" },
    });
    expect(answer.data[0]?.embedding).toHaveLength(1536);
  });

  test("an answer of megabytes passes byte for byte", async () => {
    const vector = Buffer.alloc(1024 * 4, 1).toString("base64");
    const data = Array.from({ length: 2048 }, (_, index) => ({
      object: "embedding",
      index,
      embedding: vector,
    }));
    const usage = { prompt_tokens: 2048, total_tokens: 2048 };
    const answer = { object: "list", data, model: "text-embedding-3-small", usage };
    answering("openai", json(answer));
    const input = data.map(({ index }) => `text ${index}`);
    const response = await openai.embeddings.create({ model: "text-embedding-3-small", input }).asResponse();
    // Compared as a whole: a difference of megabytes is nothing to read.
    expect((await response.text()) === JSON.stringify(answer)).toBe(true);
    // Its usage was read all the same.
    expect(response.headers.get("x-tollgate-cost")).toBe("0.000040960");
  });
});

describe("at Google", () => {
  const answer = recordedJson("gemini-embeddings/documents.json");
  const values = (answer as { embeddings: { values: number[] }[] }).embeddings.map((each) => each.values);

  test.each([
    [undefined, values.map((vector) => vector.map(Math.fround))],
    ["float" as const, values],
  ])("asked for %s", async (encoding_format, expected) => {
    answering("google", json(answer));
    const { data, response } = await openai.embeddings
      .create({ model: "gemini", input: ["hello", "world"], ...(encoding_format && { encoding_format }) })
      .withResponse();
    expect(last("google")).toMatchObject({
      path: "/v1beta/models/gemini-embedding-001:batchEmbedContents",
      body: {
        requests: ["hello", "world"].map((text) => ({
          model: "models/gemini-embedding-001",
          content: { parts: [{ text }] },
        })),
      },
    });
    expect(data.data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(data.model).toBe("gemini");
    expect(response.headers.get("x-tollgate-estimated")).toBe("true");
    expect(data.usage.prompt_tokens).toBeGreaterThanOrEqual(2);
  });

  test("many long vectors, at Vertex AI", async () => {
    const count = 250;
    const vector = Array.from({ length: 3072 }, (_, index) => Math.fround(Math.sin(index)));
    const embeddings = { statistics: { token_count: 3, truncated: false }, values: vector };
    answering("vertex", json({ predictions: Array.from({ length: count }, () => ({ embeddings })) }));
    const input = Array.from({ length: count }, (_, index) => `text number ${index}`);
    const answer = await openai.embeddings.create({ model: "on-vertex", input, dimensions: 3072 });
    expect(last("vertex")).toMatchObject({
      path: "/v1/projects/acme-ai/locations/global/publishers/google/models/gemini-embedding-001:predict",
      body: { parameters: { autoTruncate: false, outputDimensionality: 3072 } },
    });
    expect(answer.data).toHaveLength(count);
    expect(answer.data[count - 1]?.embedding).toEqual(vector);
    expect(answer.usage.prompt_tokens).toBe(count * 3);
  });
});

describe("at Bedrock", () => {
  function signed(path: string): JsonObject {
    const { body, path: asked, request } = last("bedrock");
    expect(asked).toBe(path);
    expect(signatureOf(request)?.signature).toBe(expectedSignature(request, keys.secretAccessKey));
    return body as JsonObject;
  }

  test("Titan's one vector", async () => {
    const answer = recordedJson("bedrock-embeddings/titan-text-v2.json") as { embedding: number[] };
    answering("bedrock", json(answer));
    const { data, response } = await openai.embeddings
      .create({ model: "titan", input: "Test embedding dimensions", dimensions: 256, user: "u" })
      .withResponse();
    expect(signed(`/model/${encodeURIComponent(titan)}/invoke`)).toEqual({
      inputText: "Test embedding dimensions",
      dimensions: 256,
    });
    expect(data.data[0]?.embedding).toEqual(answer.embedding.map(Math.fround));
    expect(data.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
    expect(response.headers.get("x-tollgate-lossy")).toBe("user");
    expect(response.headers.get("x-tollgate-cost")).toBe("0.000000080");
  });

  test("Cohere's, counted in a header", async () => {
    const headers = { "x-amzn-bedrock-input-token-count": "2" };
    answering("bedrock", json(recordedJson("bedrock-embeddings/cohere-v4.json"), 200, headers));
    const answer = await openai.embeddings.create({ model: "cohere", input: ["hello", "world"] });
    expect(signed("/model/cohere.embed-v4%3A0/invoke")).toEqual(
      recordedJson("bedrock-embeddings/cohere-v4.request.json"),
    );
    expect(answer.data).toHaveLength(2);
    expect(answer.usage.prompt_tokens).toBe(2);
  });

  test("several texts are none for Titan, and its successor is asked", async () => {
    const before = running.upstream("bedrock").requests.length;
    answering("google", json(recordedJson("gemini-embeddings/documents.json")));
    const { response } = await openai.embeddings
      .create({ model: "titan-first", input: ["hello", "world"] })
      .withResponse();
    expect(response.headers.get("x-tollgate-attempts")).toBe("google;200");
    expect(running.upstream("bedrock").requests).toHaveLength(before);
    const alone = openai.embeddings.create({ model: "titan", input: ["hello", "world"] });
    await expect(alone).rejects.toMatchObject({
      status: 400,
      param: "input",
      code: "too_many_inputs",
    });
    await expect(alone).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  test("a failover leaves the signature behind", async () => {
    answering("bedrock", json({ message: "slow down" }, 429, { "x-amzn-errortype": "ThrottlingException" }));
    answering("google", json(recordedJson("gemini-embeddings/query.json")));
    const { data, response } = await openai.embeddings
      .create({ model: "titan-first", input: "Hello, world!" })
      .withResponse();
    expect(response.headers.get("x-tollgate-attempts")).toBe("bedrock;429, google;200");
    signed(`/model/${encodeURIComponent(titan)}/invoke`);
    const { request } = last("google");
    expect(Object.keys(request.headers).filter((name) => name.startsWith("x-amz"))).toEqual([]);
    expect(data.data).toHaveLength(1);
  });
});

describe("errors", () => {
  test.each([
    ["openai", "text-embedding-3-small", "openai-embeddings/error-model.json", "model_not_found"],
    ["google", "gemini", "gemini-embeddings/error-model.json", "NOT_FOUND"],
  ])("of %s are typed", async (cluster, model, file, code) => {
    answering(cluster, json(recordedJson(file), 404));
    const failing = openai.embeddings.create({ model, input: "x" });
    await expect(failing).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(failing).rejects.toMatchObject({ code });
  });
});
