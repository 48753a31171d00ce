import { afterEach, describe, expect, it } from "vitest";
import { InvalidRequestError, ProviderAnswerError } from "../../../src/conversation/error.ts";
import type { FetchedFile } from "../../../src/conversation/files.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { AnswerJob, RequestJob } from "../../../src/translation/job.ts";
import { TranslationUnavailableError, UnreadableAnswerError } from "../../../src/translation/job.ts";
import { type TranslationOptions, TranslationThreads } from "../../../src/translation/threads.ts";
import { reasoningKey, signedBy } from "../../sealing.ts";

const open: TranslationThreads[] = [];
const wanted = () => true;

const program = new URL("./thread-from-source.mjs", import.meta.url);

function threads(options: Partial<TranslationOptions> = {}): TranslationThreads {
  const pool = new TranslationThreads({ program, reasoningKey, ...options });
  open.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.stop()));
});

function request(content: unknown, more: Partial<RequestJob> = {}): RequestJob {
  const body = { model: "gpt-4o", max_tokens: 9, messages: [{ role: "user", content }] };
  return {
    kind: "request",
    client: "openai-chat",
    path: "/v1/chat/completions",
    target: "anthropic",
    body: Buffer.from(JSON.stringify(body)),
    encode: { model: "claude", quirks: noQuirks },
    ...more,
  };
}

const answer = (body: string): AnswerJob => ({
  kind: "answer",
  target: "anthropic",
  client: "openai-chat",
  body: Buffer.from(body),
  encode: { model: "gpt-4o", includeUsage: false, now: 1 },
  form: { status: 200, headers: {}, stream: false },
});

const message = JSON.stringify({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude",
  content: [{ type: "text", text: "hello" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 5, output_tokens: 2 },
});

const read = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;

describe("threads translate", () => {
  it("requests and answers, many at once, and keeps what it was given", async () => {
    const pool = threads();
    const jobs = Array.from({ length: 20 }, (_, index) => request(`number ${index}`));
    const done = await Promise.all(jobs.map((job) => pool.translate(job, wanted)));
    expect(done.map(({ body }) => read(body))).toEqual(
      jobs.map((_, index) =>
        expect.objectContaining({
          model: "claude",
          messages: [{ role: "user", content: `number ${index}` }],
        }),
      ),
    );
    expect(jobs[0]?.body.length).toBeGreaterThan(0);
    const told = await pool.translate(answer(message), wanted);
    expect(told.told).toMatchObject({ model: "claude", usage: { input: 5, output: 2 } });
    expect(read(told.body)).toMatchObject({ choices: [{ message: { content: "hello" } }] });
  });

  it("whole answers into streams for clients that wait for one", async () => {
    const job = { ...answer(message), form: { status: 200, headers: {}, stream: true } };
    const { body, told } = await threads().translate(job, wanted);
    const stream = Buffer.from(body).toString("utf8");
    expect(stream).toContain('"delta":{"content":"hello"}');
    expect(stream.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(told).toMatchObject({ model: "claude", usage: { input: 5, output: 2 } });
  });

  it("reasoning under the seal that the event loop has", async () => {
    const thinking = [
      { type: "thinking", thinking: "hm", signature: "c2ln" },
      { type: "text", text: "hello" },
    ];
    const pool = threads();
    const { body } = await pool.translate(
      answer(JSON.stringify({ ...JSON.parse(message), content: thinking })),
      wanted,
    );
    const [choice] = (read(body) as { choices: Array<{ message: JsonObject }> }).choices;
    const signature = signedBy("anthropic", "c2ln", "hm");
    expect(choice?.message["thinking_blocks"]).toEqual([{ type: "thinking", thinking: "hm", signature }]);
    const messages = [{ role: "user", content: "?" }, choice?.message, { role: "user", content: "?" }];
    const again = Buffer.from(JSON.stringify({ model: "m", max_tokens: 9, messages }));
    const sent = await pool.translate(request("", { body: again }), wanted);
    expect(read(sent.body)).toMatchObject({ messages: [{}, { content: thinking }, {}] });
  });

  it("bodies into their members", async () => {
    const pool = threads();
    const spans = await pool.survey(Buffer.from('{"a":1,"b":[2]}'), wanted);
    expect(spans.members.map(({ name }) => name)).toEqual(["a", "b"]);
    const broken = pool.survey(Buffer.from('{"a":'), wanted);
    await expect(broken).rejects.toThrow(InvalidRequestError);
  });

  it("embeddings, with what an answer's headers tell", async () => {
    const pool = threads();
    const body = Buffer.from(JSON.stringify({ model: "m", input: "What is it?" }));
    const embedding = { client: "openai-embeddings", target: "bedrock-embeddings" } as const;
    const model = "cohere.embed-v4:0";
    const asked = await pool.translate(
      request("", { ...embedding, body, encode: { model, quirks: noQuirks } }),
      wanted,
    );
    expect(read(asked.body)).toMatchObject({ texts: ["What is it?"] });
    expect(asked.inputTokens).toBeGreaterThan(2);
    const told = await pool.translate(
      {
        ...{ ...answer('{"embeddings":{"float":[[1,-2.5]]}}'), ...embedding },
        form: { status: 200, headers: { "x-amzn-bedrock-input-token-count": "4" }, stream: false },
        encode: { model: "m", includeUsage: false, now: 1, echo: { encoding_format: "base64" } },
      },
      wanted,
    );
    expect(told.told).toMatchObject({ usage: { input: 4, estimated: false } });
    expect(read(told.body)).toMatchObject({ data: [{ embedding: "AACAPwAAIMA=" }] });
  });

  it("says what is lost", async () => {
    const body = Buffer.from(
      JSON.stringify({ model: "m", seed: 7, messages: [{ role: "user", content: "x" }] }),
    );
    const { losses } = await threads().translate(request("", { body }), wanted);
    expect(losses).toContainEqual(expect.objectContaining({ path: "seed", how: "dropped" }));
  });

  it("asks for files, and takes them in memory that it shares", async () => {
    const pool = threads();
    const url = "https://example.com/cat.png";
    const job = (byUrl: ReadonlyMap<string, FetchedFile>) =>
      request([{ type: "image_url", image_url: { url } }], {
        target: "bedrock-converse",
        encode: {
          model: "anthropic.claude-3",
          quirks: noQuirks,
          fetched: { byUrl, maxFiles: 1, maxBytes: 9 },
        },
      });
    const { wanted: files } = await pool.translate(job(new Map()), wanted);
    expect(files).toMatchObject([{ url, at: "messages[0].content[0]" }]);
    const bytes = new Uint8Array(new SharedArrayBuffer(100)).subarray(0, 3);
    bytes.set(Buffer.from("cat"));
    const { body } = await pool.translate(job(new Map([[url, { mediaType: "image/png", bytes }]])), wanted);
    expect(JSON.stringify(read(body))).toContain('"bytes":"Y2F0"');
    expect(Buffer.from(bytes).toString()).toBe("cat");
  });

  it("fails as the translation does, and goes on with the next body", async () => {
    const pool = threads({ count: 1 });
    await expect(pool.translate(request(5), wanted)).rejects.toThrow(InvalidRequestError);
    await expect(pool.translate(request(5), wanted)).rejects.toMatchObject({ status: 400 });
    await expect(pool.translate(answer("{"), wanted)).rejects.toThrow(UnreadableAnswerError);
    await expect(pool.translate(answer("{}"), wanted)).rejects.toThrow(UnreadableAnswerError);
    const overloaded = answer('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
    await expect(pool.translate(overloaded, wanted)).rejects.toThrow(ProviderAnswerError);
    await expect(pool.translate(overloaded, wanted)).rejects.toMatchObject({
      error: { kind: "overloaded", status: 529, message: "Overloaded" },
    });
    await expect(pool.translate(request("fine"), wanted)).resolves.toBeDefined();
  });
});

describe("threads are bounded", () => {
  it("in what waits for them", async () => {
    const pool = threads({ count: 1, maxWaiting: 2 });
    const jobs = Array.from({ length: 5 }, () => pool.translate(request("x"), wanted));
    const outcomes = await Promise.allSettled(jobs);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
  });

  it("in time: a thread that takes too long is ended, and what waited gets another", async () => {
    const slow = threads({ count: 1, timeoutMs: 1 });
    const outcomes = await Promise.allSettled([1, 2].map(() => slow.translate(request("x"), wanted)));
    expect(outcomes).toEqual(
      [1, 2].map(() => ({ status: "rejected", reason: expect.any(TranslationUnavailableError) })),
    );
  });

  it("in memory: a thread that runs out of it is replaced, and the process lives", async () => {
    const pool = threads({ count: 1, maxHeapMib: 64 });
    const lists = Buffer.from(`{"model":"m","messages":[${"[],".repeat(3_000_000)}[]]}`);
    await expect(pool.translate(request("", { body: lists }), wanted)).rejects.toThrow(
      TranslationUnavailableError,
    );
    await expect(pool.translate(request("fine"), wanted)).resolves.toBeDefined();
    // Two threads start from source here, each some seconds of a busy machine.
  }, 30_000);

  it("to what somebody still waits for", async () => {
    const pool = threads({ count: 1 });
    const first = pool.translate(request("x"), wanted);
    const second = pool.translate(request("x"), () => false);
    await expect(second).rejects.toThrow(TranslationUnavailableError);
    await expect(first).resolves.toBeDefined();
  });
});
