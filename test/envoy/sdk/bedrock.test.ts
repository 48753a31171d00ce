/** The official SDKs of other providers in front, a scripted Bedrock behind, Envoy's signature between. */
import Anthropic from "@anthropic-ai/sdk";
import { EventStreamCodec } from "@smithy/core/event-streams";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { expectedSignature, signatureOf } from "./aws-signature.ts";
import { inPieces, recordedBytes, recordedJson } from "./recordings.ts";

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret-of-bedrock" };
const openaiKey = "key-of-openai";
const clientKey = "key-of-the-client";
const host = "bedrock-runtime.us-east-1.amazonaws.com";
const claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const nova = "us.amazon.nova-micro-v1:0";

let running: RunningGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  running = await gateway({
    clusters: [
      {
        name: "openai",
        credential: {
          header: "authorization",
          prefix: "Bearer ",
          secret: { from: "value", value: openaiKey },
        },
      },
      {
        name: "bedrock",
        hostname: host,
        credential: { kind: "aws-signature", service: "bedrock", region: "us-east-1", keys },
      },
    ],
    policy: { targets: { openai: { provider: "openai" }, bedrock: { provider: "bedrock" } } },
    routePolicy: {
      models: {
        claude: { targets: [{ cluster: "bedrock", model: claude }], attempts: 1 },
        nova: { targets: [{ cluster: "bedrock", model: nova }], attempts: 1 },
        "openai-first": {
          targets: [
            { cluster: "openai", model: "gpt-4.1" },
            { cluster: "bedrock", model: claude },
          ],
        },
        "bedrock-first": {
          targets: [
            { cluster: "bedrock", model: claude },
            { cluster: "openai", model: "gpt-4.1" },
          ],
        },
      },
    },
  });
  const shared = { apiKey: clientKey, maxRetries: 0, timeout: 20_000 };
  openai = new OpenAI({ ...shared, baseURL: `${running.url}/v1` });
  anthropic = new Anthropic({ ...shared, baseURL: running.url });
});

afterAll(async () => {
  await running?.stop();
});

const eventStream = { "content-type": "application/vnd.amazon.eventstream" };
const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text),
);

function frame(headers: Readonly<Record<string, string>>, body: JsonObject): Uint8Array {
  const typed = Object.entries({ ":content-type": "application/json", ...headers });
  return codec.encode({
    headers: Object.fromEntries(typed.map(([name, value]) => [name, { type: "string" as const, value }])),
    body: Buffer.from(JSON.stringify(body)),
  });
}

const event = (type: string, body: JsonObject) =>
  frame({ ":message-type": "event", ":event-type": type }, body);
const exception = (type: string, message: string) =>
  frame({ ":message-type": "exception", ":exception-type": type }, { message });

/** A binary stream cut at odd places. */
function streamed(bytes: Uint8Array): UpstreamAnswer {
  const answer = inPieces(bytes);
  return answer.kind === "stream" ? { ...answer, headers: eventStream } : answer;
}

function answers(name: string): UpstreamAnswer {
  if (name.endsWith(".eventstream")) return streamed(recordedBytes(`bedrock-converse/${name}`));
  return json(recordedJson(`bedrock-converse/${name}`));
}

/** The last request that Bedrock got, its signature checked. */
function signedRequest(): RecordedRequest {
  const request = running.upstream("bedrock").requests.at(-1);
  if (request === undefined) throw new Error("Bedrock was sent nothing");
  const parts = signatureOf(request);
  expect(parts).toMatchObject({
    accessKeyId: keys.accessKeyId,
    scope: expect.stringMatching(/\/us-east-1\/bedrock\/aws4_request$/),
  });
  expect(parts?.signedHeaders).toEqual(
    expect.arrayContaining(["host", "x-amz-date", "x-amz-content-sha256"]),
  );
  expect(parts?.signature).toBe(expectedSignature(request, keys.secretAccessKey));
  const { headers } = request;
  expect(headers.host).toBe(host);
  expect(JSON.stringify(headers)).not.toContain(clientKey);
  expect(JSON.stringify(headers)).not.toContain(openaiKey);
  const foreign = /^(x-tollgate-|x-envoy-|x-forwarded-|x-api-key|anthropic-)/;
  expect(Object.keys(headers).filter((name) => foreign.test(name))).toEqual([]);
  return request;
}

const question = [{ role: "user" as const, content: "What is the largest city in the user country?" }];
const schema = { type: "object" as const, properties: {} };
const asOpenAi = {
  messages: question,
  max_completion_tokens: 2000,
  reasoning_effort: "low" as const,
  tools: [{ type: "function" as const, function: { name: "get_user_country", parameters: schema } }],
};
const asAnthropic = {
  messages: question,
  max_tokens: 2000,
  thinking: { type: "enabled" as const, budget_tokens: 1024 },
  tools: [{ name: "get_user_country", input_schema: schema }],
};
const asBedrock = {
  messages: [{ role: "user", content: [{ text: question[0]?.content }] }],
  inferenceConfig: { maxTokens: 2000 },
  toolConfig: { tools: [{ toolSpec: { name: "get_user_country", inputSchema: { json: schema } } }] },
};
const path = `/model/${encodeURIComponent(claude)}/converse`;

describe("whole answers", () => {
  test("to the OpenAI SDK, thinking carried along and back", async () => {
    running
      .upstream("bedrock")
      .respondWith([answers("thinking-tool.json"), answers("thinking-tool-results.json")]);
    const first = await openai.chat.completions.create({ ...asOpenAi, model: "claude" });
    expect(first).toMatchObject({ model: "claude", usage: { prompt_tokens: 397, completion_tokens: 130 } });
    expect(first.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [{ function: { name: "get_user_country", arguments: "{}" } }] },
    });
    const request = signedRequest();
    expect(request.path).toBe(path);
    expect(request.json()).toMatchObject(asBedrock);
    const message = first.choices[0]?.message;
    const call = message?.tool_calls?.[0]?.id ?? "";
    await openai.chat.completions.create({
      ...asOpenAi,
      model: "claude",
      // As it came, whatever the types of the SDK know of.
      messages: [
        ...question,
        message as OpenAI.ChatCompletionMessage,
        { role: "tool", tool_call_id: call, content: "Mexico" },
      ],
    });
    expectThinkingBack(signedRequest());
  });

  test("to the Anthropic SDK, thinking carried along and back", async () => {
    running
      .upstream("bedrock")
      .respondWith([answers("thinking-tool.json"), answers("thinking-tool-results.json")]);
    const first = await anthropic.messages.create({ ...asAnthropic, model: "claude" });
    expect(first).toMatchObject({ model: "claude", stop_reason: "tool_use", usage: { input_tokens: 397 } });
    expect(first.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use"]);
    expect(signedRequest().json()).toEqual({
      ...asBedrock,
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 1024 } },
    });
    const call = first.content.find((block) => block.type === "tool_use");
    const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: "Mexico" };
    const messages: Anthropic.MessageParam[] = [
      ...question,
      { role: "assistant", content: first.content as Anthropic.ContentBlockParam[] },
      { role: "user", content: [result] },
    ];
    const second = await anthropic.messages.create({ ...asAnthropic, messages, model: "claude" });
    expect(second.stop_reason).toBe("end_turn");
    expectThinkingBack(signedRequest());
  });

  /** The history as Bedrock itself recorded it, but for the definitions that these tests choose. */
  function expectThinkingBack(request: RecordedRequest): void {
    const recorded = recordedJson("bedrock-converse/thinking-tool-results.request.json");
    const assistant = (body: JsonObject) => (body["messages"] as JsonObject[])[1];
    const sent = request.json() as JsonObject;
    expect(assistant(sent)).toEqual(assistant(recorded));
    expect(sent["additionalModelRequestFields"]).toHaveProperty("thinking.type", "enabled");
  }
});

describe("streams", () => {
  test("to the OpenAI SDK", async () => {
    running.upstream("bedrock").respondWith([answers("tool-call.eventstream")]);
    const stream = openai.chat.completions.stream({
      ...asOpenAi,
      model: "nova",
      stream_options: { include_usage: true },
    });
    const completion = await stream.finalChatCompletion();
    expect(signedRequest().path).toBe(`/model/${encodeURIComponent(nova)}/converse-stream`);
    expect(completion.choices[0]?.finish_reason).toBe("tool_calls");
    const call = completion.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === "function" && JSON.parse(call.function.arguments)).toEqual({ city: "Paris" });
    expect(completion.usage?.prompt_tokens).toBeGreaterThan(100);
  });

  test("to the Anthropic SDK", async () => {
    running.upstream("bedrock").respondWith([answers("thinking-signature.eventstream")]);
    const message = await anthropic.messages.stream({ ...asAnthropic, model: "claude" }).finalMessage();
    expect(signedRequest().path).toBe(`${path}-stream`);
    expect(message.content).toMatchObject([
      { type: "thinking", signature: expect.stringMatching(/^tollgate:bedrock-converse:s\.[\w-]{22}\.Eu0C/) },
      { type: "text", text: "Hello! It's nice to meet you. How can I help you today?" },
    ]);
    expect(message).toMatchObject({
      stop_reason: "end_turn",
      usage: { input_tokens: 36, output_tokens: 73 },
    });
  });
});

describe("thinking that was streamed goes back signed", () => {
  const again = { role: "user" as const, content: "Again" };

  /** What the stream's signature was, in the history of the second request. */
  function expectSignature(): void {
    const [, assistant] = (signedRequest().json() as { messages: { content: JsonObject[] }[] }).messages;
    expect(assistant?.content[0]).toMatchObject({
      reasoningContent: {
        reasoningText: {
          text: expect.stringMatching(/^The user has greeted/),
          signature: expect.stringMatching(/^Eu0C/),
        },
      },
    });
  }

  test("by the Anthropic SDK", async () => {
    running
      .upstream("bedrock")
      .respondWith([answers("thinking-signature.eventstream"), answers("thinking-tool-results.json")]);
    const message = await anthropic.messages.stream({ ...asAnthropic, model: "claude" }).finalMessage();
    const said = { role: "assistant" as const, content: message.content as Anthropic.ContentBlockParam[] };
    await anthropic.messages.create({
      ...asAnthropic,
      model: "claude",
      messages: [...question, said, again],
    });
    expectSignature();
  });

  test("by the OpenAI SDK", async () => {
    running
      .upstream("bedrock")
      .respondWith([answers("thinking-signature.eventstream"), answers("thinking-tool-results.json")]);
    const chunks = await openai.chat.completions.create({ ...asOpenAi, model: "claude", stream: true });
    const said = { role: "assistant" as const, content: "", thinking_blocks: [] as unknown[] };
    for await (const { choices } of chunks) {
      const delta = choices[0]?.delta as { content?: string; thinking_blocks?: unknown[] } | undefined;
      said.content += delta?.content ?? "";
      said.thinking_blocks.push(...(delta?.thinking_blocks ?? []));
    }
    await openai.chat.completions.create({
      ...asOpenAi,
      model: "claude",
      messages: [...question, said, again],
    });
    expectSignature();
  });
});

describe("failover", () => {
  test.each([false, true])("from OpenAI to Bedrock, streamed: %s", async (isStreamed) => {
    running.upstream("openai").respondWith([json({ error: { message: "busy" } }, 503)]);
    running
      .upstream("bedrock")
      .respondWith([answers(isStreamed ? "thinking-signature.eventstream" : "thinking-tool.json")]);
    const body = { ...asOpenAi, model: "openai-first" };
    const { response } = isStreamed
      ? await openai.chat.completions.create({ ...body, stream: true }).withResponse()
      : await openai.chat.completions.create(body).withResponse();
    expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, bedrock;200");
    expect(running.upstream("openai").requests.at(-1)?.headers.authorization).toBe(`Bearer ${openaiKey}`);
    expect(signedRequest().json()).toMatchObject(asBedrock);
  });

  test.each([
    ["ThrottlingException", 429],
    ["ModelErrorException", 424],
    ["ModelTimeoutException", 408],
    ["InternalServerException", 500],
  ])("from Bedrock, %s, to OpenAI, without the signature", async (type, status) => {
    running
      .upstream("bedrock")
      .respondWith([json({ message: "not now" }, status, { "x-amzn-errortype": type })]);
    running.upstream("openai").respondWith([json(recordedJson("openai-chat/tool-call.json"))]);
    const { response } = await openai.chat.completions
      .create({ ...asOpenAi, model: "bedrock-first" })
      .withResponse();
    expect(response.headers.get("x-tollgate-attempts")).toBe(`bedrock;${status}, openai;200`);
    signedRequest();
    const headers = running.upstream("openai").requests.at(-1)?.headers ?? {};
    expect(headers.authorization).toBe(`Bearer ${openaiKey}`);
    expect(Object.keys(headers).filter((name) => name.startsWith("x-amz"))).toEqual([]);
  });
});

describe("errors", () => {
  test.each([
    ["ThrottlingException:http://internal.amazon.com/", 429, OpenAI.RateLimitError, Anthropic.RateLimitError],
    ["ValidationException", 400, OpenAI.BadRequestError, Anthropic.BadRequestError],
    ["AccessDeniedException", 403, OpenAI.PermissionDeniedError, Anthropic.PermissionDeniedError],
    ["ServiceUnavailableException", 503, OpenAI.InternalServerError, Anthropic.InternalServerError],
  ] as const)("%s is typed", async (type, status, ofOpenAi, ofAnthropic) => {
    const answer = json({ message: "said by Bedrock" }, status, { "x-amzn-errortype": type });
    running.upstream("bedrock").respondWith(() => answer);
    const toOpenAi = openai.chat.completions.create({ ...asOpenAi, model: "claude" });
    await expect(toOpenAi).rejects.toSatisfy(
      (error) => error instanceof ofOpenAi && /said by Bedrock/.test(error.message),
    );
    const toAnthropic = anthropic.messages.create({ ...asAnthropic, model: "claude" });
    await expect(toAnthropic).rejects.toSatisfy(
      (error) => error instanceof ofAnthropic && error.status === status,
    );
  });

  test("an exception frame in mid-stream ends no stream well", async () => {
    const bytes = Buffer.concat([
      event("messageStart", { role: "assistant" }),
      event("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hello, w" } }),
      exception("throttlingException", "slow down in mid-stream"),
    ]);
    running.upstream("bedrock").respondWith(() => streamed(bytes));
    const drained = async (events: AsyncIterable<unknown>) => {
      let count = 0;
      for await (const _ of events) count++;
      return count;
    };
    const ofOpenAi = await openai.chat.completions.create({ ...asOpenAi, model: "claude", stream: true });
    await expect(drained(ofOpenAi)).rejects.toThrow("slow down in mid-stream");
    const ofAnthropic = await anthropic.messages.create({ ...asAnthropic, model: "claude", stream: true });
    await expect(drained(ofAnthropic)).rejects.toThrow("slow down in mid-stream");
  });

  test("an exception frame first becomes a status", async () => {
    running
      .upstream("bedrock")
      .respondWith(() => streamed(exception("validationException", "not like this")));
    const call = openai.chat.completions.create({ ...asOpenAi, model: "claude", stream: true });
    await expect(call).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("not like this"),
    });
  });

  test("an image by URL is refused before anybody is asked", async () => {
    const asked = running.upstream("bedrock").requests.length;
    const content = [{ type: "image_url" as const, image_url: { url: "https://example.com/cat.png" } }];
    const call = openai.chat.completions.create({ model: "claude", messages: [{ role: "user", content }] });
    await expect(call).rejects.toMatchObject({ status: 400, param: "messages[0].content[0]" });
    expect(running.upstream("bedrock").requests.length).toBe(asked);
  });
});
