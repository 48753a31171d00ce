/** Embeddings through the exchange: who is asked, what is counted, how vectors are written. */
import { describe, expect, it } from "vitest";
import { asBase64, asNumbers } from "../../../src/embeddings/vectors.ts";
import type { Services } from "../../../src/exchange/services.ts";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { estimateTextTokens } from "../../../src/tokens/estimate.ts";
import type { TranslationJob } from "../../../src/translation/job.ts";
import { translate } from "../../../src/translation/translate.ts";
import { seal } from "../../sealing.ts";
import { bytes, exchangeMetadata, headers, Stream, text, type Workplace, workplace } from "./script.ts";

const titan = "amazon.titan-embed-text-v2:0";
const policy: JsonObject = {
  targets: {
    openai: { provider: "openai" },
    azure: { provider: "azure-openai", api_version: "2024-10-21" },
    google: { provider: "google" },
    bedrock: { provider: "bedrock" },
    claude: { provider: "anthropic" },
    together: { provider: "together" },
  },
  models: {
    "text-embedding-3-small": { targets: [{ cluster: "openai" }, { cluster: "azure", model: "my-embed" }] },
    gemini: { targets: [{ cluster: "google", model: "gemini-embedding-001" }] },
    titan: { targets: [{ cluster: "bedrock", model: titan }] },
    cohere: { targets: [{ cluster: "bedrock", model: "cohere.embed-v4:0" }] },
    "titan-first": {
      targets: [
        { cluster: "bedrock", model: titan },
        { cluster: "google", model: "g" },
      ],
    },
    "openai-first": {
      targets: [
        { cluster: "openai", model: "text-embedding-3-small" },
        { cluster: "google", model: "g" },
      ],
    },
    "claude-first": {
      targets: [{ cluster: "claude" }, { cluster: "openai", model: "text-embedding-3-small" }],
    },
    claude: { targets: [{ cluster: "claude" }] },
    bge: { targets: [{ cluster: "together", model: "BAAI/bge-large-en-v1.5" }] },
  },
};

interface Sent {
  readonly path: string | undefined;
  readonly body: unknown;
  readonly remove: readonly string[];
}

/** What a verdict sends, and where. */
function sent(verdict: unknown): Sent {
  const { body, headers: mutation } = verdict as ContinueResponse;
  const set = Object.fromEntries(mutation?.set ?? []);
  return {
    path: set["x-tollgate-path"] ?? set[":path"],
    body: body === undefined ? "unchanged" : JSON.parse(text(body)),
    remove: mutation?.remove ?? [],
  };
}

async function asked(body: JsonObject | string, overrides: Partial<Services> = {}, of: JsonObject = policy) {
  const place = workplace(overrides);
  const stream = new Stream(place.services, exchangeMetadata(of));
  await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/embeddings", "openai-beta": "x=1" }),
  });
  await stream.say("request_body", { body: bytes(body), endOfStream: true });
  const verdict = stream.answers.at(-1);
  const id = String((verdict as ContinueResponse)?.dynamicMetadata?.["tollgate"]?.["exchange"]);
  return { place, stream, verdict, id };
}

interface Answered {
  readonly headers: ReadonlyMap<string, string>;
  readonly raw: string;
  readonly body: { data: { embedding: string | number[] }[]; usage: JsonObject; model: string };
}

async function answered(
  stream: Stream,
  body: JsonObject | string,
  more: Record<string, string> = {},
): Promise<Answered> {
  await stream.say("response_headers", {
    headers: headers({ ":status": "200", "content-type": "application/json", ...more }),
    attributes: { "response.code_details": "via_upstream" },
  });
  const answers = (await stream.say("response_body", {
    body: bytes(body),
    endOfStream: true,
  })) as ContinueResponse[];
  const chunks = answers.map(({ streamedBody }) => Buffer.from(streamedBody?.chunk ?? []));
  const raw = Buffer.concat(chunks).toString("utf8");
  return { headers: new Map(answers[0]?.headers?.set), raw, body: JSON.parse(raw) };
}

const attempt = (place: Workplace, id: string) =>
  new Stream(place.services, { "x-tollgate-role": "attempt", "x-tollgate-exchange": id });

async function secondAttempt(place: Workplace, id: string, cluster: string): Promise<Sent> {
  const stream = attempt(place, id);
  const [head] = await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/embeddings", "x-envoy-attempt-count": "2" }),
    attributes: { "xds.cluster_name": cluster },
  });
  const [body] = (await stream.say("request_body", {
    body: bytes("{}"),
    endOfStream: true,
  })) as ContinueResponse[];
  return { ...sent(head), body: JSON.parse(text(body?.body)) };
}

const geminiAnswer = { embeddings: [{ values: [0.25, -1] }, { values: [0.5, 2] }] };
const openaiAnswer = (embedding: string | number[], usage?: JsonObject): JsonObject => ({
  object: "list",
  data: [{ object: "embedding", index: 0, embedding }],
  model: "text-embedding-3-small",
  ...(usage !== undefined && { usage }),
});

describe("at a target of the client's own format", () => {
  it("bytes pass both ways, and usage is read as they go by", async () => {
    const body = '{"input": [[1, 2]], "model":"text-embedding-3-small","encoding_format":"base64"}';
    const { stream, verdict, place } = await asked(body);
    expect(sent(verdict)).toMatchObject({ path: "/v1/embeddings", body: "unchanged" });
    const answer = JSON.stringify(openaiAnswer("AACAPw==", { prompt_tokens: 7, total_tokens: 7 })).replace(
      ",",
      " , ",
    );
    const { raw, headers: set } = await answered(stream, answer);
    expect(raw).toBe(answer);
    expect(set.get("x-tollgate-cost")).toBe("0.000000007");
    expect(set.has("x-tollgate-estimated")).toBe(false);
    expect(place.records).toMatchObject([
      {
        operation: "embed",
        clientDialect: "openai-embeddings",
        targetDialect: "openai-embeddings",
        modelServed: "text-embedding-3-small",
        usage: { input: 7, output: 0, estimated: false },
        losses: [],
      },
    ]);
  });

  it("a retry at another one has its own path and model", async () => {
    const { place, id } = await asked({ model: "text-embedding-3-small", input: "hello" });
    expect(await secondAttempt(place, id, "azure")).toMatchObject({
      path: "/openai/deployments/my-embed/embeddings?api-version=2024-10-21",
      body: { model: "my-embed", input: "hello" },
    });
  });

  it("of a large answer only the end is looked at", async () => {
    const { stream, place } = await asked({ model: "text-embedding-3-small", input: "hello" });
    const numbers = Array.from({ length: 100_000 }, () => 0.123456);
    // No JSON inside: nobody parses it.
    const answer = JSON.stringify(openaiAnswer(numbers, { prompt_tokens: 3, total_tokens: 3 })).replace(
      "0.123456",
      "x",
    );
    await stream.say("response_headers", {
      headers: headers({ ":status": "200", "content-type": "application/json" }),
      attributes: { "response.code_details": "via_upstream" },
    });
    await stream.say("response_body", { body: bytes(answer), endOfStream: true });
    expect(place.records).toMatchObject([{ outcome: "finished", usage: { input: 3, estimated: false } }]);
  });
});

describe("vectors are written as they were asked for", () => {
  it.each([
    ["base64", asBase64([0.25, -1])],
    ["float", [0.25, -1]],
    [undefined, [0.25, -1]],
  ])("%s, from a provider of another format", async (format, expected) => {
    const body = { model: "gemini", input: ["one", "two"], ...(format && { encoding_format: format }) };
    const { stream } = await asked(body);
    const { body: answer } = await answered(stream, geminiAnswer);
    expect(answer.data[0]?.embedding).toEqual(expected);
    expect(answer.data).toHaveLength(2);
    expect(answer.model).toBe("gemini");
  });

  it.each([
    ["base64", [0.25, -1], asBase64([0.25, -1])],
    ["float", asBase64([0.25, -1]), [0.25, -1]],
  ])("%s, from a server that heeds no format", async (format, given, expected) => {
    const { stream, verdict } = await asked({ model: "bge", input: "one", encoding_format: format });
    expect(sent(verdict)).toMatchObject({ body: { model: "BAAI/bge-large-en-v1.5", input: "one" } });
    expect(sent(verdict).body).not.toHaveProperty("encoding_format");
    const { body, headers: set } = await answered(stream, openaiAnswer(given));
    expect(body.data[0]?.embedding).toEqual(expected);
    expect(set.has("x-tollgate-lossy")).toBe(false);
  });
});

describe("a target that cannot take the request", () => {
  it("is left out: several texts do not go to Titan", async () => {
    const { verdict, stream, place } = await asked({ model: "titan-first", input: ["one", "two"] });
    expect(sent(verdict)).toMatchObject({
      path: "/v1beta/models/g:batchEmbedContents",
      body: { requests: [{ content: { parts: [{ text: "one" }] } }, {}] },
    });
    await answered(stream, geminiAnswer);
    expect(place.records).toMatchObject([{ cluster: "google", attempts: 1, outcome: "finished" }]);
  });

  it("is asked for one text, and its successor takes over", async () => {
    const { verdict, place, id } = await asked({ model: "titan-first", input: ["one"] });
    expect(sent(verdict)).toMatchObject({
      path: `/model/${encodeURIComponent(titan)}/invoke`,
      body: { inputText: "one" },
    });
    expect(await secondAttempt(place, id, "google")).toMatchObject({
      path: "/v1beta/models/g:batchEmbedContents",
      body: { requests: [{ model: "models/g", content: { parts: [{ text: "one" }] } }] },
    });
  });

  it("may serve no embeddings at all", async () => {
    const { verdict } = await asked({ model: "claude-first", input: "x" });
    expect(sent(verdict).path).toBe("/v1/embeddings");
    const refused = await asked({ model: "claude", input: "x" });
    expect(JSON.parse(text((refused.verdict as ImmediateResponse).body))).toMatchObject({
      error: { code: "operation_not_served", message: expect.stringContaining("claude") },
    });
  });

  it.each<[string, JsonObject, string, string]>([
    ["several texts", { model: "titan", input: ["one", "two"] }, "too_many_inputs", "input"],
    ["tokens", { model: "gemini", input: [1, 2] }, "tokens_not_supported", "input"],
    ["nothing", { model: "gemini", input: [] }, "invalid_request", "input"],
  ])("says so when there is no other: %s", async (_, body, code, param) => {
    const { verdict, place } = await asked(body);
    const reply = verdict as ImmediateResponse;
    expect(reply).toMatchObject({ kind: "immediate", status: 400 });
    const { error } = JSON.parse(text(reply.body)) as { error: JsonObject };
    expect(error).toMatchObject({ param, type: "invalid_request_error" });
    expect(reply.headers?.set).toContainEqual(["x-tollgate-reason", code]);
    expect(place.records).toMatchObject([{ outcome: "refused", operation: "embed", costNanoUsd: 0 }]);
  });
});

describe("what is lost", () => {
  const body = { model: "gemini", input: "one", user: "u", provider: { sort: "price" } };

  it("is named", async () => {
    const { stream, verdict } = await asked(body);
    // OpenAI's own header is no business of Google's.
    expect(sent(verdict).remove).not.toContain("content-type");
    expect(sent(verdict).remove).toContain("openai-beta");
    const { headers: set } = await answered(stream, geminiAnswer);
    expect(set.get("x-tollgate-lossy")).toBe("user, provider");
  });

  it("is refused when the policy is strict", async () => {
    const { verdict } = await asked(body, {}, { ...policy, strict: true });
    expect(verdict).toMatchObject({ kind: "immediate", status: 422 });
  });

  it("sends a length of vectors that cannot be had elsewhere", async () => {
    const of = {
      ...policy,
      models: { m: { targets: [{ cluster: "together" }, { cluster: "google", model: "g" }] } },
    };
    const plain = await asked({ model: "m", input: "x" }, {}, of);
    expect(sent(plain.verdict).path).toBe("/v1/embeddings");
    const short = await asked({ model: "m", input: "x", dimensions: 256 }, {}, of);
    expect(sent(short.verdict)).toMatchObject({
      path: "/v1beta/models/g:batchEmbedContents",
      body: { requests: [{ outputDimensionality: 256 }] },
    });
  });
});

describe("tokens", () => {
  it("are Bedrock's own, from its header", async () => {
    const { stream, place } = await asked({ model: "cohere", input: ["one"] });
    const { body } = await answered(
      stream,
      { embeddings: { float: [[1, 2]] }, response_type: "embeddings_by_type", id: "x", texts: ["one"] },
      { "x-amzn-bedrock-input-token-count": "19" },
    );
    expect(body.usage).toEqual({ prompt_tokens: 19, total_tokens: 19 });
    expect(place.records).toMatchObject([
      { usage: { input: 19, output: 0, estimated: false }, costNanoUsd: 19 },
    ]);
  });

  it("are estimated from the texts where nobody counts them, and marked", async () => {
    const texts = ["What is the meaning of life?", "Und der Sinn?"];
    const { stream, place } = await asked({ model: "gemini", input: texts });
    const { body, headers: set } = await answered(stream, geminiAnswer);
    const tokens = texts.reduce((sum, each) => sum + estimateTextTokens(each), 0);
    expect(tokens).toBeGreaterThan(5);
    expect(body.usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
    expect(set.get("x-tollgate-estimated")).toBe("true");
    expect(place.records).toMatchObject([{ usage: { input: tokens, output: 0, estimated: true } }]);
    expect(stream.answers.at(-1)?.dynamicMetadata?.["tollgate"]).toMatchObject({
      operation: "embed",
      estimated: true,
      input_tokens: tokens,
    });
  });

  it("are estimated from the request's size where its bytes passed", async () => {
    const { stream, place } = await asked({ model: "bge", input: "x".repeat(400) });
    await answered(stream, openaiAnswer([1, 2]));
    const [record] = place.records;
    expect(record?.usage).toMatchObject({ output: 0, estimated: true });
    expect(record?.usage.input).toBeGreaterThan(100);
    expect(record?.usage.input).toBeLessThan(130);
  });

  it("are those of the request alone when the client hangs up in mid-answer", async () => {
    const text = "x".repeat(400);
    const { stream, place } = await asked({ model: "gemini", input: text });
    await stream.say("response_headers", {
      headers: headers({ ":status": "200", "content-type": "application/json" }),
      attributes: { "response.code_details": "via_upstream" },
    });
    await stream.say("response_body", { body: bytes("0".repeat(10_000)) });
    stream.close();
    // As they would have been, had the answer come to its end.
    const usage = { input: estimateTextTokens(text), output: 0, estimated: true };
    expect(place.records).toMatchObject([{ outcome: "cancelled", usage }]);
  });
});

describe("errors", () => {
  it("of the provider have the client's shape", async () => {
    const { stream } = await asked({ model: "titan", input: "x" });
    await stream.say("response_headers", {
      headers: headers({ ":status": "429", "x-amzn-errortype": "ThrottlingException" }),
      attributes: { "response.code_details": "via_upstream" },
    });
    const body = bytes({ message: "Too many tokens" });
    const answers = (await stream.say("response_body", { body, endOfStream: true })) as ContinueResponse[];
    expect(answers[0]?.headers?.set).toContainEqual([":status", "429"]);
    expect(JSON.parse(text(answers[1]?.streamedBody?.chunk))).toMatchObject({
      error: { type: "rate_limit_error", message: "Too many tokens" },
    });
  });

  it.each([
    ["text/event-stream", "data: {}\n\n"],
    ["application/json", "{}"],
    ["application/json", '{"embeddings":[{"values":["a"]}]}'],
  ])("what is no answer is 502: %s %s", async (type, body) => {
    const { stream, place } = await asked({ model: "gemini", input: "x" });
    await stream.say("response_headers", {
      headers: headers({ ":status": "200", "content-type": type }),
      attributes: { "response.code_details": "via_upstream" },
    });
    await stream.say("response_body", { body: bytes(body), endOfStream: true });
    expect(place.records).toMatchObject([{ outcome: "failed", status: 502 }]);
    expect(place.notices).toEqual([]);
  });
});

it("large requests and answers are translated elsewhere, with all that they need", async () => {
  const jobs: TranslationJob[] = [];
  const translator: Services["translator"] = {
    survey: () => Promise.reject(new Error("not so large")),
    translate: async (job) => {
      jobs.push(structuredClone(job));
      return translate(job, () => "0", seal);
    },
  };
  const input = Array.from({ length: 90 }, () => "word ".repeat(1_000));
  const { stream, place } = await asked(
    { model: "cohere", input, encoding_format: "base64" },
    { translator, maxBodyBytes: 8 * 1024 * 1024 },
  );
  const vector = Array.from({ length: 1024 }, (_, index) => Math.fround(index / 1024));
  const { body } = await answered(
    stream,
    { embeddings: { float: input.map(() => vector) } },
    { "x-amzn-bedrock-input-token-count": "90000" },
  );
  expect(jobs.map(({ kind, client, target }) => [kind, client, target])).toEqual([
    ["request", "openai-embeddings", "bedrock-embeddings"],
    ["answer", "openai-embeddings", "bedrock-embeddings"],
  ]);
  expect(body.data).toHaveLength(90);
  expect(asNumbers(body.data[89]?.embedding ?? "")).toEqual(vector);
  expect(place.records).toMatchObject([{ usage: { input: 90_000, estimated: false } }]);
});
