/** Images, speech, transcriptions and moderation with OpenAI's own SDK, reranking by hand: through Envoy, by their bytes. */
import { readFileSync } from "node:fs";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseForm } from "../../../src/multipart/form.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { bytes, json, stream, type UpstreamAnswer } from "../harness/upstream-answers.ts";

let running: RunningGateway;
let cases = 0;
const scripts = new Map<string, Readonly<Record<string, readonly UpstreamAnswer[]>>>();
const sent = new Map<string, RecordedRequest[]>();

const secret = (value: string) => ({ from: "value", value }) as const;

beforeAll(async () => {
  const script = (cluster: string) => (request: RecordedRequest) => {
    const id = String(request.headers["x-case"]);
    const before = sent.get(`${id}@${cluster}`) ?? [];
    sent.set(`${id}@${cluster}`, [...before, request]);
    return (
      scripts.get(id)?.[cluster]?.[before.length] ??
      json({ error: { message: `${cluster} was not to be called` } }, 418)
    );
  };
  running = await gateway({
    clusters: [
      {
        name: "openai",
        script: script("openai"),
        credential: { header: "authorization", prefix: "Bearer ", secret: secret("key-of-openai") },
      },
      {
        name: "claude",
        script: script("claude"),
        credential: { header: "x-api-key", secret: secret("key-of-claude") },
      },
      {
        name: "azure",
        script: script("azure"),
        credential: { header: "api-key", secret: secret("key-of-azure") },
      },
      { name: "cohere", script: script("cohere") },
    ],
    policy: {
      targets: {
        openai: { provider: "openai" },
        claude: { provider: "anthropic" },
        azure: { provider: "azure-openai", api_version: "2025-04-01-preview" },
        cohere: { provider: "cohere" },
      },
    },
    routePolicy: {
      models: {
        // The first serves none of these calls, and is passed over.
        "*": {
          targets: [{ cluster: "claude" }, { cluster: "openai" }, { cluster: "azure", model: "deployed" }],
        },
        "rerank-*": { targets: [{ cluster: "cohere" }] },
        "claude-*": { targets: [{ cluster: "claude" }] },
      },
      prices: { "dall-e-3": { image: 0.04 }, "rerank-*": { search: 0.002 } },
    },
  });
});

afterAll(() => running?.stop());

/** Clients of one case, with the answers that its targets give. */
function newCase(answers: Readonly<Record<string, readonly UpstreamAnswer[]>>) {
  const id = `case-${++cases}`;
  scripts.set(id, answers);
  const headers = { "x-case": id };
  return {
    openai: new OpenAI({
      apiKey: "key-of-the-client",
      baseURL: `${running.url}/v1`,
      maxRetries: 0,
      timeout: 20_000,
      defaultHeaders: headers,
    }),
    headers,
    sentTo: (cluster: string) => sent.get(`${id}@${cluster}`) ?? [],
  };
}

const sound = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
const usage = {
  input_tokens: 20,
  input_tokens_details: { image_tokens: 0, text_tokens: 20 },
  output_tokens: 1000,
  total_tokens: 1020,
};
const picture = { created: 1, data: [{ b64_json: "AAAA" }], usage };

/** A form that a target was sent, its text fields read and its file found. */
function formOf(request: RecordedRequest | undefined) {
  const type = request?.headers["content-type"] ?? "";
  return {
    fields: parseForm(request?.body ?? Buffer.alloc(0), type).value,
    hasFile: request?.body.includes(sound),
  };
}

function logged(model: string) {
  return running.tollgate.log.find((line) => line["model_asked"] === model);
}

describe("images", () => {
  test("generate: passed over who serves none, metered and priced", async () => {
    const { openai, sentTo } = newCase({ openai: [json(picture)] });
    const { data, response } = await openai.images
      .generate({ model: "gpt-image-1", prompt: "otter" })
      .withResponse();
    expect(data.data?.[0]?.b64_json).toBe("AAAA");
    expect(data.usage?.output_tokens).toBe(1000);
    expect(response.headers.get("x-tollgate-target")).toBe("openai/gpt-image-1");
    expect(response.headers.get("x-tollgate-cost")).toBe("0.040100000");
    expect(sentTo("claude")).toEqual([]);
    expect(sentTo("openai")[0]).toMatchObject({ path: "/v1/images/generations" });
    expect(sentTo("openai")[0]?.json()).toEqual({ model: "gpt-image-1", prompt: "otter" });
    expect(sentTo("openai")[0]?.headers.authorization).toBe("Bearer key-of-openai");
    expect(await logged("gpt-image-1")).toMatchObject({
      operation: "image",
      client_dialect: "openai-images",
      target_dialect: "openai-images",
      output_tokens: 1000,
      images: 1,
      cost_nano_usd: 40_100_000,
    });
  });

  test("generate: streamed, partial images first", async () => {
    const fixture = readFileSync(new URL("../../fixtures/passing/image-generation.sse", import.meta.url));
    const { openai } = newCase({ openai: [stream([fixture.subarray(0, 300), fixture.subarray(300)])] });
    const events = await openai.images.generate({
      model: "gpt-image-1-mini",
      prompt: "otter",
      stream: true,
      partial_images: 2,
    });
    const types: string[] = [];
    for await (const event of events) types.push(event.type);
    expect(types).toEqual([
      "image_generation.partial_image",
      "image_generation.partial_image",
      "image_generation.completed",
    ]);
    expect(await logged("gpt-image-1-mini")).toMatchObject({
      outcome: "finished",
      stream: true,
      input_tokens: 50,
      images: 1,
      cost_source: "catalogue",
    });
  });

  test("generate: an error that comes first in a stream raises the SDK's exception", async () => {
    const fixture = readFileSync(new URL("../../fixtures/passing/image-error.sse", import.meta.url));
    const { openai } = newCase({ openai: [stream([fixture])] });
    const asked = openai.images.generate({ model: "gpt-image-1", prompt: "x", stream: true });
    await expect(asked).rejects.toBeInstanceOf(OpenAI.APIError);
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining("safety system") });
  });

  test("edit: a form fails over, its file untouched and the model's name another", async () => {
    const { openai, sentTo } = newCase({
      openai: [json({ error: { message: "busy" } }, 503)],
      azure: [json(picture)],
    });
    const { response } = await openai.images
      .edit({ model: "gpt-image-1.5", prompt: "a hat on it", image: await toFile(sound, "otter.png") })
      .withResponse();
    expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, azure;200");
    const [first, second] = [sentTo("openai")[0], sentTo("azure")[0]];
    expect(formOf(first)).toEqual({
      fields: { model: "gpt-image-1.5", prompt: "a hat on it" },
      hasFile: true,
    });
    expect(formOf(second)).toEqual({ fields: { model: "deployed", prompt: "a hat on it" }, hasFile: true });
    expect(second?.path).toBe("/openai/deployments/deployed/images/edits?api-version=2025-04-01-preview");
    expect(second?.headers["content-length"]).toBe(String(second?.body.length));
    expect(second?.headers["api-key"]).toBe("key-of-azure");
    expect(JSON.stringify(second?.headers)).not.toMatch(/key-of-openai|key-of-the-client/);
  });

  test("createVariation: the model that the API takes is named, and paid for by the image", async () => {
    const { openai, sentTo } = newCase({ openai: [json({ created: 1, data: [{ url: "https://…" }] })] });
    await openai.images.createVariation({ image: await toFile(sound, "otter.png"), n: 1 });
    expect(formOf(sentTo("openai")[0])).toEqual({ fields: { model: "dall-e-2", n: "1" }, hasFile: true });
    expect(await logged("dall-e-2")).toMatchObject({ images: 1, cost_source: "unknown" });
  });

  test("generate: paid for by the image", async () => {
    const { openai } = newCase({ openai: [json({ created: 1, data: [{ url: "https://…" }] })] });
    const { response } = await openai.images.generate({ model: "dall-e-3", prompt: "otter" }).withResponse();
    expect(response.headers.get("x-tollgate-cost")).toBe("0.040000000");
  });
});

describe("speech", () => {
  test("is heard before it is over", async () => {
    const first = sound.subarray(0, 1000);
    const { openai, sentTo } = newCase({
      openai: [
        stream([first, { waitMs: 1500 }, sound.subarray(1000)], {
          headers: { "content-type": "audio/mpeg" },
        }),
      ],
    });
    const began = performance.now();
    const response = await openai.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hi" });
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    const reader = response.body?.getReader();
    const chunks: Uint8Array[] = [];
    let heardAfterMs = Number.POSITIVE_INFINITY;
    for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
      heardAfterMs = Math.min(heardAfterMs, performance.now() - began);
      chunks.push(next.value);
    }
    expect(heardAfterMs).toBeLessThan(1200);
    expect(performance.now() - began).toBeGreaterThan(1400);
    expect(Buffer.concat(chunks).equals(sound)).toBe(true);
    expect(sentTo("openai")[0]?.json()).toEqual({ model: "tts-1", voice: "alloy", input: "Hi" });
    const line = await logged("tts-1");
    expect(line).toMatchObject({
      operation: "speech",
      outcome: "finished",
      input_tokens: 0,
      tokens_estimated: false,
      cost_source: "unknown",
    });
    expect(Number(line["first_token_ms"])).toBeLessThan(1200);
  });

  test("as events is metered", async () => {
    const fixture = readFileSync(new URL("../../fixtures/passing/speech.sse", import.meta.url));
    const { openai } = newCase({ openai: [stream([fixture])] });
    const response = await openai.audio.speech.create({
      model: "gpt-4o-mini-tts",
      voice: "alloy",
      input: "Hi",
      stream_format: "sse",
    });
    expect(await response.text()).toBe(fixture.toString());
    expect(await logged("gpt-4o-mini-tts")).toMatchObject({ stream: true, output_tokens: 101 });
  });
});

describe("transcriptions", () => {
  const file = () => toFile(sound, "speech.mp3");

  test("as JSON, paid for by the second", async () => {
    const { openai, sentTo } = newCase({
      openai: [json({ text: "Hello.", usage: { type: "duration", seconds: 10 } })],
    });
    const { data, response } = await openai.audio.transcriptions
      .create({ model: "whisper-1", file: await file(), language: "en" })
      .withResponse();
    expect(data.text).toBe("Hello.");
    expect(response.headers.get("x-tollgate-cost")).toBe("0.001000000");
    expect(formOf(sentTo("openai")[0])).toEqual({
      fields: { model: "whisper-1", language: "en" },
      hasFile: true,
    });
    expect(await logged("whisper-1")).toMatchObject({ operation: "transcribe", audio_ms: 10_000 });
  });

  test("streamed", async () => {
    const fixture = readFileSync(new URL("../../fixtures/passing/transcript.sse", import.meta.url));
    const { openai } = newCase({ openai: [stream([fixture.subarray(0, 50), fixture.subarray(50)])] });
    const events = await openai.audio.transcriptions.create({
      model: "gpt-4o-transcribe",
      file: await file(),
      stream: true,
    });
    let text = "";
    for await (const event of events) if (event.type === "transcript.text.delta") text += event.delta;
    expect(text).toBe("Größe zählt.");
    expect(await logged("gpt-4o-transcribe")).toMatchObject({
      stream: true,
      input_tokens: 14,
      output_tokens: 45,
    });
  });

  test("as subtitles", async () => {
    const subtitles = "1\n00:00:00,000 --> 00:00:01,000\nHello.\n";
    const { openai } = newCase({ openai: [bytes(subtitles, 200, { "content-type": "text/plain" })] });
    const text = await openai.audio.transcriptions.create({
      model: "whisper-subtitles",
      file: await file(),
      response_format: "srt",
    });
    expect(text).toBe(subtitles);
    expect(await logged("whisper-subtitles")).toMatchObject({ cost_source: "unknown", input_tokens: 0 });
  });

  test("into English fail over with the file", async () => {
    const { openai, sentTo } = newCase({
      openai: [json({ error: { message: "busy" } }, 429)],
      azure: [json({ text: "Hello." })],
    });
    const { text } = await openai.audio.translations.create({ model: "whisper-en", file: await file() });
    expect(text).toBe("Hello.");
    expect(sentTo("azure")[0]?.path).toBe(
      "/openai/deployments/deployed/audio/translations?api-version=2025-04-01-preview",
    );
    expect(formOf(sentTo("azure")[0])).toEqual({ fields: { model: "deployed" }, hasFile: true });
  });
});

describe("moderation", () => {
  test("with the usual model", async () => {
    const answer = { id: "modr-1", model: "omni-moderation-2024-09-26", results: [{ flagged: true }] };
    const { openai, sentTo } = newCase({ openai: [json(answer)] });
    const { results } = await openai.moderations.create({ input: "I want to …" });
    expect(results[0]?.flagged).toBe(true);
    expect(sentTo("openai")[0]?.json()).toEqual({ input: "I want to …", model: "omni-moderation-latest" });
    expect(await logged("omni-moderation-latest")).toMatchObject({
      operation: "moderate",
      model_served: "omni-moderation-2024-09-26",
    });
  });

  test("that no target serves is refused in the SDK's words", async () => {
    const { openai, sentTo } = newCase({});
    const asked = openai.moderations.create({ model: "claude-sonnet-4-5", input: "Hi" });
    await expect(asked).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(asked).rejects.toMatchObject({
      code: "operation_not_served",
      param: "model",
      message: expect.stringContaining("target claude (anthropic) serves no moderation"),
    });
    expect(sentTo("claude")).toEqual([]);
  });
});

describe("reranking", () => {
  test.each([
    ["/v1/rerank", "/v1/rerank"],
    ["/v1/v2/rerank", "/v2/rerank"],
  ])("at %s goes to Cohere's own API and is paid for by the search", async (path, place) => {
    const results = [{ index: 1, relevance_score: 0.9 }];
    const { headers, sentTo } = newCase({
      cohere: [json({ id: "r", results, meta: { billed_units: { search_units: 1 } } })],
    });
    const response = await fetch(`${running.url}${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", authorization: "Bearer key-of-the-client" },
      body: JSON.stringify({ model: "rerank-v3.5", query: "q", documents: ["a", "b"], top_n: 1 }),
    });
    expect(response.headers.get("x-tollgate-cost")).toBe("0.002000000");
    expect(await response.json()).toMatchObject({ results });
    expect(sentTo("cohere")[0]?.path).toBe(place);
    expect(sentTo("cohere")[0]?.headers.authorization).toBeUndefined();
  });
});
