/** What we encode, as the official SDK reads it over HTTP; and what the SDK sends, as we read it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorKind } from "../../../src/conversation/error.ts";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import { Losses } from "../../../src/conversation/losses.ts";
import { noUsage, type Usage } from "../../../src/conversation/usage.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/index.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { clientCall, seal } from "../../sealing.ts";

interface Scripted {
  status: number;
  headers: Record<string, string>;
  body: string;
}

let reply: Scripted;
let received: JsonObject;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    received = JSON.parse(Buffer.concat(chunks).toString() || "{}") as JsonObject;
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  });
});
let client: OpenAI;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
});
afterAll(() => server.close());

const context = { model: "gpt-4o", includeUsage: true, now: 7, newId: () => "n".repeat(24), seal };
const usage: Usage = { ...noUsage, input: 9, output: 4, cacheRead: 3 };
const messages = [{ role: "user" as const, content: "hi" }];
const ask = { model: "gpt-4o", messages };

function replyStream(events: readonly StreamEvent[]): void {
  const encoder = openaiChat.streamEncoder(context);
  const body = events.map((event) => encoder.push(event)).join("");
  reply = { status: 200, headers: { "content-type": "text/event-stream" }, body };
}

const call = (index: number, id: string, args: string): StreamEvent[] => [
  { kind: "open", candidate: 0, index, part: { kind: "tool-call", id, name: "f" } },
  { kind: "delta", candidate: 0, index, text: args.slice(0, 3) },
  { kind: "delta", candidate: 0, index, text: args.slice(3) },
  { kind: "close", candidate: 0, index },
];

/** As an Anthropic answer streams: thinking, prose, two calls. */
const thoughtful: StreamEvent[] = [
  { kind: "start", id: "msg_1", model: "claude" },
  { kind: "ping" },
  { kind: "open", candidate: 0, index: 0, part: { kind: "reasoning", origin: "anthropic" } },
  { kind: "delta", candidate: 0, index: 0, text: "h" },
  { kind: "delta", candidate: 0, index: 0, text: "m" },
  { kind: "signature", candidate: 0, index: 0, signature: "sig" },
  { kind: "close", candidate: 0, index: 0 },
  {
    kind: "part",
    candidate: 0,
    index: 1,
    part: { kind: "reasoning", text: "", redacted: "enc", origin: "anthropic" },
  },
  { kind: "open", candidate: 0, index: 2, part: { kind: "text" } },
  { kind: "delta", candidate: 0, index: 2, text: "let me see" },
  { kind: "close", candidate: 0, index: 2 },
  ...call(3, "toolu_1", '{"x":1}'),
  ...call(4, "toolu_2", '{"y":2}'),
  { kind: "finish", candidate: 0, reason: "tool-calls" },
  { kind: "usage", usage },
  { kind: "end" },
];

describe("streams", () => {
  it("add up in the SDK's own accumulator", async () => {
    replyStream(thoughtful);
    const final = await client.chat.completions
      .stream({ ...ask, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(final.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        role: "assistant",
        content: "let me see",
        tool_calls: [
          { id: "toolu_1", type: "function", function: { name: "f", arguments: '{"x":1}' } },
          { id: "toolu_2", type: "function", function: { name: "f", arguments: '{"y":2}' } },
        ],
      },
    });
    expect(final.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 });
  });

  it("carry thinking that a client can send back", async () => {
    replyStream(thoughtful);
    const blocks: JsonObject[] = [];
    let reasoning = "";
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
      const delta = (chunk.choices[0]?.delta ?? {}) as JsonObject;
      reasoning += typeof delta["reasoning_content"] === "string" ? delta["reasoning_content"] : "";
      blocks.push(...((delta["thinking_blocks"] ?? []) as JsonObject[]));
    }
    expect(reasoning).toBe("hm");
    const message = { role: "assistant", content: "let me see", thinking_blocks: blocks };
    const [turn] = openaiChat.decodeRequest({ model: "m", messages: [message] }, clientCall()).turns;
    expect(turn?.parts).toMatchObject([
      { kind: "reasoning", text: "hm", signature: "sig", origin: "anthropic" },
      { kind: "reasoning", redacted: "enc", origin: "anthropic" },
      { kind: "text" },
    ]);
  });

  it("have the role first, the usage last and alone", async () => {
    replyStream(thoughtful);
    const chunks: ChatCompletionChunk[] = [];
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true }))
      chunks.push(chunk);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant", content: null });
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.role !== undefined)).toHaveLength(1);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 13 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(
      new Set(chunks.map((chunk) => `${chunk.id} ${chunk.model} ${chunk.created} ${chunk.object}`)),
    ).toEqual(new Set(["msg_1 gpt-4o 7 chat.completion.chunk"]));
  });

  it("throw what went wrong in the middle, and never look finished", async () => {
    const error = { kind: "overloaded", status: 529, message: "too busy" } as const;
    replyStream([...thoughtful.slice(0, 10), { kind: "error", error }]);
    expect(reply.body).not.toContain("[DONE]");
    expect(reply.body).not.toMatch(/"finish_reason":"/);
    const consume = async () => {
      for await (const _ of await client.chat.completions.create({ ...ask, stream: true }));
    };
    await expect(consume()).rejects.toThrow(/too busy/);
    await expect(consume()).rejects.toBeInstanceOf(APIError);
  });
});

describe("errors", () => {
  it.each<[kind: ErrorKind, status: number, type: abstract new (...args: never[]) => Error]>([
    ["invalid-request", 400, BadRequestError],
    ["authentication", 401, AuthenticationError],
    ["billing", 402, APIError],
    ["permission", 403, PermissionDeniedError],
    ["not-found", 404, NotFoundError],
    ["conflict", 409, ConflictError],
    ["too-large", 413, APIError],
    ["unprocessable", 422, UnprocessableEntityError],
    ["rate-limit", 429, RateLimitError],
    ["server", 500, InternalServerError],
    ["bad-gateway", 502, InternalServerError],
    ["unavailable", 503, InternalServerError],
    ["timeout", 504, InternalServerError],
    ["overloaded", 529, InternalServerError],
  ])("%s is thrown as the SDK's type for %i", async (kind, status, type) => {
    const encoded = openaiChat.encodeError({
      kind,
      status,
      message: "why",
      param: "p",
      code: "c",
      requestId: "req_1",
    });
    reply = {
      status: encoded.status,
      headers: { "content-type": "application/json", ...Object.fromEntries(encoded.headers) },
      body: JSON.stringify(encoded.body),
    };
    const thrown = await client.chat.completions.create(ask).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(type);
    expect(thrown).toMatchObject({
      status,
      code: "c",
      param: "p",
      requestID: "req_1",
      message: `${status} why`,
    });
  });
});

describe("whole answers and requests", () => {
  it("are what the SDK's helpers expect", async () => {
    const answer = openaiChat.encodeAnswer(
      {
        id: "msg_1",
        model: "claude",
        candidates: [{ parts: [{ kind: "text", text: '{"a":1}' }], finish: "stop" }],
        usage,
        dialect: "anthropic",
      },
      context,
      new Losses(),
    );
    reply = { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
    const parsed = await client.chat.completions.parse({
      ...ask,
      max_completion_tokens: 5,
      tools: [{ type: "function", function: { name: "f", strict: true, parameters: { type: "object" } } }],
      response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } },
    });
    expect(parsed.choices[0]?.message.content).toBe('{"a":1}');
    expect(parsed.usage?.prompt_tokens_details?.cached_tokens).toBe(3);
    expect(openaiChat.decodeRequest(received, clientCall())).toMatchObject({
      model: "gpt-4o",
      maxOutputTokens: 5,
      tools: [{ name: "f" }],
      output: { kind: "json-schema", name: "n" },
      turns: [{ role: "user", parts: [{ text: "hi" }] }],
    });
  });

  it("lists models", async () => {
    reply = {
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(openaiChat.models.list(["a", "b"])),
    };
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(["a", "b"]);
  });
});
