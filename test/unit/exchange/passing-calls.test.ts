/** Images, speech, transcriptions, moderation, reranking: routed by their model, passed by their bytes, metered. */
import { describe, expect, it } from "vitest";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { cataloguePricing } from "../../../src/tokens/catalogue.ts";
import { bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const policy: JsonObject = {
  targets: {
    openai: { provider: "openai" },
    claude: { provider: "anthropic" },
    local: { provider: "openai-compatible", base_path: "/v3" },
  },
  models: {
    "*": { targets: [{ cluster: "claude" }, { cluster: "openai" }, { cluster: "local" }] },
    "local-*": { targets: [{ cluster: "local", model: "theirs" }] },
    "claude-*": { targets: [{ cluster: "claude" }] },
  },
  prices: {
    "priced-tts": { request: "0.015" },
    "priced-whisper": { minute: "0.006" },
    "dall-e-*": { image: "0.04" },
    "rerank-*": { search: "0.002" },
  },
};
const viaUpstream = { "response.code_details": "via_upstream" };

async function called(path: string, body: Uint8Array, contentType = "application/json") {
  const place = workplace({ pricing: cataloguePricing() });
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": path, "content-type": contentType }),
  });
  const [verdict] = await stream.say("request_body", { body, endOfStream: true });
  return { place, stream, verdict: verdict as ContinueResponse };
}

async function begin(stream: Stream, contentType: string, status = 200) {
  return stream.say("response_headers", {
    headers: headers({ ":status": String(status), "content-type": contentType }),
    attributes: viaUpstream,
  });
}

async function answer(stream: Stream, contentType: string, body: Uint8Array, status = 200) {
  const before = stream.answers.length;
  await begin(stream, contentType, status);
  await stream.say("response_body", { body });
  await stream.say("response_body", { endOfStream: true });
  const parts = stream.answers.slice(before) as ContinueResponse[];
  const set = new Map(parts.flatMap((part) => part.headers?.set ?? []));
  const sent = Buffer.concat(parts.map((part) => part.streamedBody?.chunk ?? new Uint8Array(0)));
  return { set, sent, last: parts.at(-1)?.dynamicMetadata?.["tollgate"] };
}

const form = (fields: Readonly<Record<string, string>>) =>
  Buffer.concat([
    ...Object.entries(fields).map(([name, value]) =>
      Buffer.from(`--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    ),
    Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'),
    Buffer.alloc(300_000, 0xfb),
    Buffer.from("\r\n--b--\r\n"),
  ]);
const formType = "multipart/form-data; boundary=b";

describe("a call", () => {
  it("goes to the targets that serve it, in their order, and names nobody else", async () => {
    const { verdict } = await called(
      "/v1/images/generations",
      bytes({ model: "gpt-image-1", prompt: "otter" }),
    );
    expect(verdict).not.toHaveProperty("body");
    const set = new Map(verdict.headers?.set);
    expect(set.get("x-tollgate-path")).toBe("/v1/images/generations");
    expect(verdict.dynamicMetadata?.["tollgate.targets"]).toMatchObject({
      priority_groups: [
        { clusters: [{ cluster_name: "openai" }] },
        { clusters: [{ cluster_name: "local" }] },
        { clusters: [{ cluster_name: "openai" }] },
        { clusters: [{ cluster_name: "local" }] },
      ],
    });
  });

  it("as a form keeps its boundary, and has its length told anew", async () => {
    const asked = form({ model: "local-whisper" });
    const { verdict } = await called("/v1/audio/translations", asked, formType);
    const set = new Map(verdict.headers?.set);
    expect(set.get("x-tollgate-path")).toBe("/v3/audio/translations");
    expect(set.get("content-type")).toBe(formType);
    expect(set.get("content-length")).toBe(String(asked.length - "local-whisper".length + "theirs".length));
    expect(text(verdict.body)).toContain('name="model"\r\n\r\ntheirs\r\n');
  });

  it("that none of the model's targets serves is refused, as OpenAI would", async () => {
    const { verdict, place } = await called(
      "/v1/rerank",
      bytes({ model: "claude-x", query: "q", documents: [] }),
    );
    const reply = verdict as unknown as ImmediateResponse;
    expect(reply.status).toBe(400);
    expect(JSON.parse(text(reply.body))).toEqual({
      error: {
        message: "model: target claude (anthropic) serves no reranking",
        type: "invalid_request_error",
        param: "model",
        code: "operation_not_served",
      },
    });
    expect(place.records).toMatchObject([
      { outcome: "refused", operation: "rerank", clientDialect: "rerank", reason: "operation_not_served" },
    ]);
  });

  it("of which a target serves other parts is refused by its path", async () => {
    const place = workplace();
    const onlyXai = { targets: { xai: { provider: "xai" } } };
    const stream = new Stream(place.services, exchangeMetadata(onlyXai));
    const path = "/v1/images/variations";
    await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
    const [reply] = await stream.say("request_body", { body: bytes({ model: "m" }), endOfStream: true });
    expect(text((reply as ImmediateResponse).body)).toContain(
      "target xai (xai) serves no images at /v1/images/variations",
    );
  });

  it("as a form is refused where only JSON is taken", async () => {
    const { verdict } = await called("/v1/audio/speech", form({ model: "tts-1" }), formType);
    expect(verdict).toMatchObject({ kind: "immediate", status: 400 });
  });
});

describe("images", () => {
  const usage = {
    input_tokens: 20,
    input_tokens_details: { image_tokens: 0, text_tokens: 20 },
    output_tokens: 1000,
    total_tokens: 1020,
  };
  const asked = bytes({ model: "gpt-image-1", prompt: "otter" });

  it("come back untouched, with what they cost", async () => {
    const { place, stream } = await called("/v1/images/generations", asked);
    const body = bytes({ created: 1, data: [{ b64_json: "AAAA" }], usage });
    const { set, sent, last } = await answer(stream, "application/json", body);
    expect(sent.equals(body)).toBe(true);
    // 20 tokens of text at 5 dollars a million, a thousand of images at 40.
    expect(set.get("x-tollgate-cost")).toBe("0.040100000");
    expect(last).toMatchObject({
      operation: "image",
      images: 1,
      output_tokens: 1000,
      cost_source: "catalogue",
    });
    expect(place.records).toMatchObject([
      {
        outcome: "finished",
        operation: "image",
        cluster: "openai",
        usage: { input: 20, output: 1000, imageOutput: 1000, units: { images: 1 }, estimated: false },
        costNanoUsd: 40_100_000,
      },
    ]);
  });

  it("of megabytes are counted without being read", async () => {
    const { place, stream } = await called(
      "/v1/images/generations",
      bytes({ model: "dall-e-3", prompt: "otter" }),
    );
    const picture = { b64_json: "A".repeat(400_000), revised_prompt: 'a "b64_json": [otter]' };
    await answer(stream, "application/json", bytes({ created: 1, data: [picture, picture] }));
    expect(place.records).toMatchObject([
      { usage: { units: { images: 2 } }, costNanoUsd: 80_000_000, costSource: "policy" },
    ]);
  });

  it("that broke off are not estimated by their bytes", async () => {
    const { place, stream } = await called("/v1/images/generations", asked);
    await begin(stream, "application/json");
    await stream.say("response_body", { body: Buffer.alloc(900_000, 0x41) });
    stream.close();
    expect(place.records).toMatchObject([
      {
        outcome: "cancelled",
        usage: { input: 0, output: 0, estimated: false },
        costNanoUsd: 0,
        costSource: "unknown",
      },
    ]);
  });

  it("whose client hung up before an answer are not estimated either", async () => {
    const { place, stream } = await called("/v1/images/generations", asked);
    stream.close();
    expect(place.records).toMatchObject([{ outcome: "cancelled", usage: { input: 0, estimated: false } }]);
  });

  it("that were refused cost nothing", async () => {
    const { place, stream } = await called(
      "/v1/images/generations",
      bytes({ model: "dall-e-3", prompt: "x" }),
    );
    const body = bytes({ error: { message: "no", type: "image_generation_user_error" } });
    const { sent, set } = await answer(stream, "application/json", body, 400);
    expect([sent.equals(body), set.get(":status")]).toEqual([true, "400"]);
    expect(place.records).toMatchObject([{ status: 400, costNanoUsd: 0 }]);
  });

  it("streamed are paid for by what the last event says", async () => {
    const { place, stream } = await called(
      "/v1/images/generations",
      bytes({ model: "gpt-image-1", prompt: "otter", stream: true, partial_images: 1 }),
    );
    const partial = `data: ${JSON.stringify({ type: "image_generation.partial_image", b64_json: "AA==" })}\n\n`;
    const done = { type: "image_generation.completed", b64_json: "AA==", usage };
    await begin(stream, "text/event-stream");
    const first = (await stream.say("response_body", { body: bytes(partial) })) as ContinueResponse[];
    expect(first.map(({ kind }) => kind)).toEqual(["response_headers", "response_body"]);
    await stream.say("response_body", { body: bytes(`data: ${JSON.stringify(done)}\n\n`) });
    await stream.say("response_body", { endOfStream: true });
    expect(place.records).toMatchObject([
      { outcome: "finished", stream: true, costNanoUsd: 40_100_000, usage: { units: { images: 1 } } },
    ]);
    expect(place.records[0]?.timeToFirstTokenMs).toBeGreaterThan(0);
  });
});

describe("speech", () => {
  const sound = Uint8Array.of(0xff, 0xfb, 0x90, 0x0a, 0x0a);

  it("goes on piece by piece, as it comes", async () => {
    const { stream } = await called(
      "/v1/audio/speech",
      bytes({ model: "tts-1", input: "Hi", voice: "alloy" }),
    );
    expect(await begin(stream, "audio/mpeg")).toEqual([]);
    const first = (await stream.say("response_body", { body: sound })) as ContinueResponse[];
    expect(first.map(({ kind }) => kind)).toEqual(["response_headers", "response_body"]);
    expect(first[1]?.streamedBody).toEqual({ chunk: sound, endOfStream: false });
    const second = (await stream.say("response_body", { body: sound })) as ContinueResponse[];
    expect(second.map(({ kind }) => kind)).toEqual(["response_body"]);
  });

  it.each([
    ["tts-1", 0, "unknown"],
    ["gpt-4o-mini-tts", 0, "unknown"],
    ["priced-tts", 15_000_000, "policy"],
  ])("by %s without usage costs %d: %s", async (model, costNanoUsd, costSource) => {
    const { place, stream } = await called("/v1/audio/speech", bytes({ model, input: "Hi".repeat(1000) }));
    await answer(stream, "audio/mpeg", Buffer.alloc(100_000, 1));
    expect(place.records).toMatchObject([
      { outcome: "finished", usage: { input: 0, output: 0, estimated: false }, costNanoUsd, costSource },
    ]);
    expect(place.records[0]?.timeToFirstTokenMs).toBeGreaterThan(0);
  });

  it("as events is paid for by their usage", async () => {
    const { place, stream } = await called(
      "/v1/audio/speech",
      bytes({ model: "gpt-4o-mini-tts", input: "Hi", stream_format: "sse" }),
    );
    const usage = { input_tokens: 10, output_tokens: 100, total_tokens: 110 };
    const events = [
      { type: "speech.audio.delta", audio: "AAAA" },
      { type: "speech.audio.done", usage },
    ].map((event) => `data: ${JSON.stringify(event)}\n\n`);
    await answer(stream, "text/event-stream", bytes(events.join("")));
    // 0.6 dollars a million to read, 12 to speak.
    expect(place.records).toMatchObject([
      { stream: true, usage: { input: 10, output: 100, audioOutput: 100 }, costNanoUsd: 6_000 + 1_200_000 },
    ]);
  });

  it("that its client stops listening to is settled without an estimate", async () => {
    const { place, stream } = await called("/v1/audio/speech", bytes({ model: "priced-tts", input: "Hi" }));
    await begin(stream, "audio/mpeg");
    await stream.say("response_body", { body: Buffer.alloc(50_000, 1) });
    stream.close();
    expect(place.records).toMatchObject([
      { outcome: "cancelled", usage: { input: 0, output: 0 }, costNanoUsd: 15_000_000 },
    ]);
  });
});

describe("transcriptions", () => {
  it.each([
    ["whisper-1", { text: "Hi", usage: { type: "duration", seconds: 9 } }, 900_000, "catalogue"],
    ["priced-whisper", { text: "Hi", duration: 9.5, segments: [] }, 950_000, "policy"],
    ["priced-whisper", { text: "Hi" }, 0, "unknown"],
    [
      "gpt-4o-transcribe",
      {
        text: "Hi",
        usage: { input_tokens: 20, input_token_details: { audio_tokens: 20 }, output_tokens: 10 },
      },
      20 * 6_000 + 10 * 10_000,
      "catalogue",
    ],
  ])("by %s answered %j cost %d", async (model, body, costNanoUsd, costSource) => {
    const { place, stream } = await called("/v1/audio/transcriptions", form({ model }), formType);
    const { sent } = await answer(stream, "application/json", bytes(body as JsonObject));
    expect(sent.equals(Buffer.from(bytes(body as JsonObject)))).toBe(true);
    expect(place.records).toMatchObject([{ operation: "transcribe", costNanoUsd, costSource }]);
  });

  it("as plain text pass, and what they cost is not known", async () => {
    const { place, stream } = await called(
      "/v1/audio/transcriptions",
      form({ model: "whisper-1", response_format: "srt" }),
      formType,
    );
    const subtitles = "1\n00:00:00,000 --> 00:00:01,000\nHi\n";
    const { sent, set } = await answer(stream, "text/plain; charset=utf-8", bytes(subtitles));
    expect(sent.toString()).toBe(subtitles);
    expect(set.has("x-tollgate-cost")).toBe(false);
    expect(place.records).toMatchObject([
      { outcome: "finished", usage: { input: 0, output: 0, estimated: false }, costSource: "unknown" },
    ]);
  });
});

describe("moderation and reranking", () => {
  it("name the usual model for whom the client named none", async () => {
    const { verdict, place, stream } = await called("/v1/moderations", bytes({ input: "Hi" }));
    expect(JSON.parse(text(verdict.body))).toEqual({ input: "Hi", model: "omni-moderation-latest" });
    await answer(
      stream,
      "application/json",
      bytes({ id: "1", model: "omni-moderation-2024-09-26", results: [] }),
    );
    expect(place.records).toMatchObject([
      {
        operation: "moderate",
        modelAsked: "omni-moderation-latest",
        modelServed: "omni-moderation-2024-09-26",
        costNanoUsd: 0,
      },
    ]);
  });

  it("are paid for by the search", async () => {
    const { place, stream } = await called(
      "/v2/rerank",
      bytes({ model: "rerank-v3.5", query: "q", documents: ["d"] }),
    );
    const { last } = await answer(
      stream,
      "application/json",
      bytes({ results: [], meta: { billed_units: { search_units: 2 } } }),
    );
    expect(last).toMatchObject({
      operation: "rerank",
      searches: 2,
      target: "local",
      cost_nano_usd: 4_000_000,
    });
    expect(place.records).toMatchObject([{ usage: { units: { searches: 2 } }, costNanoUsd: 4_000_000 }]);
  });
});
