/** The SDKs raise their typed exceptions, whichever provider failed, and however late. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytes, event, json, stream, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { type ErrorCase, errorCases, firstEventErrors } from "./error-cases.ts";
import { inPieces, recordedBytes, recording } from "./recordings.ts";
import { type Case, type Cluster, type Stage, startStage } from "./stage.ts";

const messages = [{ role: "user" as const, content: "Hello" }];
/** Models that are tried once, by who serves them. */
const once = { openai: "gpt-once", claude: "claude-once" } as const;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({
    models: {
      [once.openai]: { targets: [{ cluster: "openai", model: "gpt-4.1" }], attempts: 1 },
      [once.claude]: { targets: [{ cluster: "claude", model: "claude-opus-4-8" }], attempts: 1 },
    },
  });
});

afterAll(async () => {
  await stage?.stop();
});

function askOpenAi({ openai }: Case, model: string, isStreamed: boolean) {
  return openai.chat.completions.create({ messages, model, stream: isStreamed });
}

function askAnthropic({ anthropic }: Case, model: string, isStreamed: boolean) {
  return anthropic.messages.create({ messages, model, max_tokens: 100, stream: isStreamed });
}

async function thrown(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return "nothing was thrown";
}

async function drained(events: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of events) count++;
  return count;
}

function answerOf({ body, status, headers }: ErrorCase): UpstreamAnswer {
  return typeof body === "string"
    ? bytes(body, status, { "content-type": "text/html", ...headers })
    : json(body, status, headers);
}

function expectOpenAi(error: unknown, row: Omit<ErrorCase, "body">): void {
  expect(error).toBeInstanceOf(row.openai);
  expect(error).toMatchObject({
    status: row.status,
    message: expect.stringContaining(row.message),
    ...(row.code === undefined ? {} : { code: row.code }),
    ...(row.param === undefined ? {} : { param: row.param }),
  });
}

function expectAnthropic(error: unknown, row: Omit<ErrorCase, "body">): void {
  expect(error).toBeInstanceOf(row.anthropic);
  expect(error).toMatchObject({ status: row.status, apiMessage: expect.stringContaining(row.message) });
}

const rows = errorCases.flatMap((row) =>
  [false, true].map((isStreamed) => ({ ...row, isStreamed, how: isStreamed ? "streamed" : "whole" })),
);

describe("an answer with an error status", () => {
  test.concurrent.each(rows)("$from $status to the OpenAI SDK, $how", async (row) => {
    const it = stage.case({ [row.from]: [answerOf(row)] });
    const error = await thrown(askOpenAi(it, once[row.from], row.isStreamed));
    expectOpenAi(error, row);
    expect(it.sentTo(row.from)).toHaveLength(1);
    expect(headersOf(error).get("retry-after")).toBe(row.headers?.["retry-after"] ?? null);
    if (row.from === "claude") expect(headersOf(error).get("content-type")).toBe("application/json");
  });

  test.concurrent.each(rows)("$from $status to the Anthropic SDK, $how", async (row) => {
    const it = stage.case({ [row.from]: [answerOf(row)] });
    const error = await thrown(askAnthropic(it, once[row.from], row.isStreamed));
    expectAnthropic(error, row);
    expect(error).toMatchObject({ type: row.type });
    expect(headersOf(error).get("retry-after")).toBe(row.headers?.["retry-after"] ?? null);
  });
});

function headersOf(error: unknown): Headers {
  return error instanceof Error && "headers" in error && error.headers instanceof Headers
    ? error.headers
    : new Headers();
}

test("the id by which a provider finds the request again reaches both SDKs", async () => {
  const it = stage.case({
    claude: [recording("anthropic/error-not-found.json", 404)],
    openai: [json({ error: { message: "no" } }, 400, { "x-request-id": "req_of_openai" })],
  });
  const requestID = "req_011CVEA3SF7rnb3DuBZytqQa";
  expect(await thrown(askOpenAi(it, once.claude, false))).toMatchObject({ requestID });
  const error = await thrown(askAnthropic(it, once.openai, false));
  expect(error).toMatchObject({ requestID: "req_of_openai", error: { request_id: "req_of_openai" } });
});

describe("a stream whose first event is an error", () => {
  test.concurrent.each(firstEventErrors)("$from $status to the OpenAI SDK", async (row) => {
    const it = stage.case({ [row.from]: [inPieces(row.stream)] });
    expectOpenAi(await thrown(askOpenAi(it, once[row.from], true)), row);
  });

  test.concurrent.each(firstEventErrors)("$from $status to the Anthropic SDK", async (row) => {
    const it = stage.case({ [row.from]: [inPieces(row.stream)] });
    const error = await thrown(askAnthropic(it, once[row.from], true));
    expectAnthropic(error, row);
    expect(error).toMatchObject({ type: row.type });
  });
});

const text = recordedBytes("openai-chat/text.sse").toString();
const beginning = text.slice(0, text.indexOf("data: ", text.length / 2));
const chatError = event({ error: { message: "Overloaded", type: "server_error", param: null, code: null } });
const claudeText = recordedBytes("anthropic/text.sse").toString();
const claudeBeginning = claudeText.slice(0, claudeText.indexOf("event: content_block_stop"));

/** Streams that break after some content. */
const broken: ReadonlyArray<{ name: string; from: Cluster; given: UpstreamAnswer; message: RegExp }> = [
  {
    name: "an error event",
    from: "claude",
    given: recording("anthropic/overloaded-mid-stream.sse"),
    message: /Overloaded/,
  },
  {
    name: "an error event",
    from: "openai",
    given: inPieces(`${beginning}${chatError}`),
    message: /Overloaded/,
  },
  { name: "a reset", from: "claude", given: inPieces(claudeBeginning, "reset"), message: /./ },
  { name: "a reset", from: "openai", given: inPieces(beginning, "reset"), message: /./ },
];
/** Across dialects a stream that just stops is seen, and never ends as if it were complete. */
const stopped: typeof broken = [
  { name: "an early end", from: "claude", given: inPieces(claudeBeginning), message: /./ },
  { name: "an early end", from: "openai", given: inPieces(beginning), message: /./ },
];

describe("a stream that breaks after its beginning", () => {
  test.concurrent.each([...broken, ...stopped.filter(({ from }) => from === "claude")])(
    "$from, $name: the OpenAI SDK throws",
    async ({ from, given, message }) => {
      const it = stage.case({ [from]: [given] });
      const events = await it.openai.chat.completions.create({ messages, model: once[from], stream: true });
      const error = await thrown(drained(events));
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
      if (message.source !== ".") expect(error).toBeInstanceOf(OpenAI.APIError);
      const helper = it.openai.chat.completions.stream({ messages, model: once[from] });
      expect(await thrown(helper.finalChatCompletion())).toBeInstanceOf(OpenAI.OpenAIError);
    },
  );

  test.concurrent.each([...broken, ...stopped.filter(({ from }) => from === "openai")])(
    "$from, $name: the Anthropic SDK throws",
    async ({ from, given, message }) => {
      const it = stage.case({ [from]: [given] });
      const request = { messages, model: once[from], max_tokens: 100 };
      const events = await it.anthropic.messages.create({ ...request, stream: true });
      const error = await thrown(drained(events));
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
      if (message.source !== ".") expect(error).toBeInstanceOf(Anthropic.APIError);
      expect(await thrown(it.anthropic.messages.stream(request).finalMessage())).toBeInstanceOf(Error);
    },
  );
});

describe("what the gateway itself refuses", () => {
  test("a model that the policy does not know", async () => {
    const it = stage.case({});
    const missing = 'the model "mistral-large" is not served here';
    const ofOpenAi = await thrown(askOpenAi(it, "mistral-large", false));
    expect(ofOpenAi).toBeInstanceOf(OpenAI.NotFoundError);
    expect(ofOpenAi).toMatchObject({
      code: "model_not_found",
      param: "model",
      message: expect.stringContaining(missing),
    });
    const ofAnthropic = await thrown(askAnthropic(it, "mistral-large", true));
    expect(ofAnthropic).toBeInstanceOf(Anthropic.NotFoundError);
    expect(ofAnthropic).toMatchObject({
      type: "not_found_error",
      apiMessage: expect.stringContaining(missing),
    });
  });

  test("a request that no target could understand, with its path", async () => {
    const it = stage.case({});
    // @ts-expect-error wrong on purpose
    const wrong: OpenAI.ChatCompletionMessageParam = { role: "user", content: [{ type: "text" }] };
    const ofOpenAi = await thrown(
      it.openai.chat.completions.create({ model: "claude-x", messages: [wrong] }),
    );
    expect(ofOpenAi).toBeInstanceOf(OpenAI.BadRequestError);
    expect(ofOpenAi).toMatchObject({ param: "messages[0].content[0].text" });
    const ofAnthropic = await thrown(
      it.anthropic.messages.create({ model: "gpt-4.1", max_tokens: 10, messages: [] }),
    );
    expect(ofAnthropic).toBeInstanceOf(Anthropic.BadRequestError);
    expect(ofAnthropic).toMatchObject({
      type: "invalid_request_error",
      message: expect.stringContaining("messages"),
    });
    expect([...it.sentTo("openai"), ...it.sentTo("claude")]).toEqual([]);
  });

  test("a translation with losses under strict", async () => {
    const it = stage.case({ mount: "/strict" });
    const ofOpenAi = await thrown(
      it.openai.chat.completions.create({ model: "claude-opus-4-8", messages, n: 2 }),
    );
    expect(ofOpenAi).toBeInstanceOf(OpenAI.UnprocessableEntityError);
    expect(ofOpenAi).toMatchObject({ param: "n" });
    const ofAnthropic = await thrown(
      it.anthropic.messages.create({ model: "gpt-4.1", max_tokens: 10, messages, inference_geo: "us" }),
    );
    expect(ofAnthropic).toBeInstanceOf(Anthropic.UnprocessableEntityError);
    expect(ofAnthropic).toMatchObject({ message: expect.stringContaining("inference_geo") });
  });

  test("an answer that is none", async () => {
    const it = stage.case({
      openai: [json({ fine: true })],
      claude: [stream([], { headers: { "content-type": "text/html" } })],
    });
    const ofOpenAi = await thrown(askOpenAi(it, once.claude, false));
    expect(ofOpenAi).toBeInstanceOf(OpenAI.InternalServerError);
    expect(ofOpenAi).toMatchObject({ status: 502 });
    const ofAnthropic = await thrown(askAnthropic(it, once.openai, false));
    expect(ofAnthropic).toBeInstanceOf(Anthropic.InternalServerError);
    expect(ofAnthropic).toMatchObject({ status: 502, type: "api_error" });
  });
});
