/**
 * The official SDK's `responses` in front of every provider, whole and streamed, with tools in two turns; and the other
 * SDKs in front of a provider that is spoken to by the Responses API.
 */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { Response, ResponseInputItem } from "openai/resources/responses/responses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { inPieces, recordedBytes, recordedJson, recording } from "./recordings.ts";
import { completion, message, streamed, whole } from "./whole-and-streamed.ts";

const keys = { openai: "key-of-openai", claude: "key-of-claude", responses: "key-of-responses" };
type Cluster = keyof typeof keys;
const clientKey = "key-of-the-client";

let running: RunningGateway;

beforeAll(async () => {
  const credential = (header: string, value: string, prefix?: string) => ({
    header,
    ...(prefix !== undefined && { prefix }),
    secret: { from: "value" as const, value },
  });
  running = await gateway({
    clusters: [
      { name: "openai", credential: credential("authorization", keys.openai, "Bearer ") },
      { name: "claude", credential: credential("x-api-key", keys.claude) },
      { name: "responses", credential: credential("authorization", keys.responses, "Bearer ") },
    ],
    policy: {
      targets: {
        // Without an endpoint for responses: they become chat.
        openai: { provider: "openai-compatible" },
        claude: { provider: "anthropic" },
        responses: { provider: "openai-responses" },
      },
      models: {
        "gpt-4o": { targets: [{ cluster: "openai" }] },
        "claude-*": { targets: [{ cluster: "claude" }] },
        "gpt-5*": { targets: [{ cluster: "responses" }] },
        "first-claude": {
          targets: [
            { cluster: "claude", model: "claude-sonnet-4-0" },
            { cluster: "responses", model: "gpt-5" },
          ],
          attempts: 2,
        },
      },
    },
    routePolicy: { strict: false },
  });
});

afterAll(async () => {
  await running?.stop();
});

/** Lets a provider answer, and returns what it is sent from now on. */
function script(cluster: Cluster, ...answers: UpstreamAnswer[]): () => readonly RecordedRequest[] {
  const upstream = running.upstream(cluster);
  const before = upstream.requests.length;
  let next = 0;
  upstream.respondWith(() => answers[Math.min(next++, answers.length - 1)] ?? json({}, 418));
  return () => upstream.requests.slice(before);
}

const openai = (url = running.url) => new OpenAI({ apiKey: clientKey, baseURL: `${url}/v1`, maxRetries: 0 });
const anthropic = () => new Anthropic({ apiKey: clientKey, baseURL: running.url, maxRetries: 0 });

type Ask = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, "stream">;

/** A response from `create`, or as the streaming helper puts it together. */
function respond(request: Ask, isStreamed: boolean, client = openai()): Promise<Response> {
  return isStreamed ? client.responses.stream(request).finalResponse() : client.responses.create(request);
}

const question: ResponseInputItem = {
  role: "user",
  content: "What is the largest city in the user country?",
};
const tool = (name: string): OpenAI.Responses.FunctionTool => ({
  type: "function",
  name,
  parameters: { type: "object", properties: {} },
  strict: false,
});
const bodyOf = (request: RecordedRequest | undefined) => (request?.json() ?? {}) as JsonObject;
const messagesOf = (request: RecordedRequest | undefined) => bodyOf(request)["messages"] as JsonObject[];
const callsOf = ({ output }: Response) => output.filter((item) => item.type === "function_call");
const outputsOf = (response: Response) =>
  callsOf(response).map(
    (call): ResponseInputItem => ({
      type: "function_call_output",
      call_id: call.call_id,
      output: `of ${call.arguments}`,
    }),
  );

describe.each([
  ["whole", false, whole],
  ["streamed", true, streamed],
] as const)("a client of responses, %s", (_, isStreamed, answer) => {
  test("at Anthropic: thinking and a call, taken back unchanged in the next turn", async () => {
    const sent = script("claude", answer(recordedJson("anthropic/thinking-tool.json")), whole(message({})));
    const request = {
      model: "claude-sonnet-4-0",
      instructions: "Be brief.",
      reasoning: { effort: "low" as const, summary: "auto" as const },
      tools: [tool("get_user_country")],
    };
    const first = await respond({ ...request, input: [question] }, isStreamed);
    expect(first).toMatchObject({
      object: "response",
      status: "completed",
      model: "claude-sonnet-4-0",
      instructions: "Be brief.",
      tools: request.tools,
      usage: { input_tokens: 398, output_tokens: 155, total_tokens: 553 },
    });
    expect(first.output.map(({ type }) => type)).toEqual(["reasoning", "message", "function_call"]);
    expect(first.output_text).toContain("I'll help you find the largest city");
    const results = outputsOf(first);
    const second = await respond(
      { ...request, input: [question, ...first.output, ...results] as ResponseInputItem[] },
      false,
    );
    expect(second.output_text).toBe("Hello!");

    const [asked, continued] = sent();
    expect(asked?.path).toBe("/v1/messages");
    expect(asked?.headers["x-api-key"]).toBe(keys.claude);
    expect(JSON.stringify(asked?.headers)).not.toContain(clientKey);
    expect(bodyOf(asked)).toMatchObject({ system: "Be brief.", thinking: { type: "enabled" } });
    // Recorded, too: what Anthropic accepted in the same conversation.
    const accepted = recordedJson("anthropic/thinking-tool-results.request.json") as {
      messages: JsonObject[];
    };
    expect(messagesOf(continued)[1]).toEqual(accepted.messages[1]);
    expect(messagesOf(continued)[2]).toMatchObject({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "toolu_01YGzqpRE16Vricda3Aqcejo", content: "of {}" }],
    });
    expect(bodyOf(continued)).toMatchObject({ thinking: { type: "enabled" } });
  });

  test("at Anthropic: encrypted thinking, kept apart from what was changed on the way", async () => {
    const content = [
      { type: "redacted_thinking", data: "RW5jcnlwdGVk" },
      { type: "thinking", thinking: "Zwölf Äpfel ✓", signature: "U2lnbmVk+/=" },
      { type: "text", text: "Twelve." },
    ] as const;
    const sent = script("claude", answer(message({ content })), whole(message({})));
    const first = await respond({ model: "claude-opus-4-8", input: [question] }, isStreamed);
    const again = (output: unknown[]) =>
      respond(
        { model: "claude-opus-4-8", input: [question, ...output, question] as ResponseInputItem[] },
        false,
      );
    await again(first.output);
    expect(messagesOf(sent()[1])[1]).toEqual({ role: "assistant", content });
    // Shortened by the application: the signature would be a 400.
    const shortened = first.output.map((item) =>
      item.type === "reasoning" ? { ...item, summary: [] } : item,
    );
    const { response } = await openai()
      .responses.create({
        model: "claude-opus-4-8",
        input: [question, ...shortened, question] as ResponseInputItem[],
      })
      .withResponse();
    expect(messagesOf(sent()[2])[1]).toEqual({ role: "assistant", content: [content[0], content[2]] });
    expect(response.headers.get("x-tollgate-lossy")).toBe("input[2]");
  });

  test("at OpenAI's chat API: parallel calls in two turns", async () => {
    const calls = ["Paris", "Tōkyō"].map((city, index) => ({
      id: `call_${index}`,
      type: "function" as const,
      function: { name: "get_weather", arguments: JSON.stringify({ city }) },
    }));
    const said = completion({ message: { content: null, tool_calls: calls }, finish_reason: "tool_calls" });
    const sent = script("openai", answer(said), whole(completion({})));
    const request = { model: "gpt-4o", tools: [tool("get_weather")], max_output_tokens: 99 };
    const first = await respond({ ...request, input: "Weather?" }, isStreamed);
    expect(callsOf(first).map((call) => [call.call_id, call.name, call.arguments])).toEqual([
      ["call_0", "get_weather", '{"city":"Paris"}'],
      ["call_1", "get_weather", '{"city":"Tōkyō"}'],
    ]);
    const input = [{ role: "user", content: "Weather?" }, ...first.output, ...outputsOf(first)];
    const second = await respond({ ...request, input: input as ResponseInputItem[] }, false);
    expect(second.output_text).toBe("Hello!");
    const [asked, continued] = sent();
    expect(asked?.path).toBe("/v1/chat/completions");
    expect(bodyOf(asked)).toMatchObject({
      messages: [{ role: "user", content: "Weather?" }],
      max_completion_tokens: 99,
      tools: [{ type: "function", function: { name: "get_weather" } }],
    });
    expect(messagesOf(continued).slice(1)).toEqual([
      { role: "assistant", content: null, tool_calls: calls },
      { role: "tool", tool_call_id: "call_0", content: 'of {"city":"Paris"}' },
      { role: "tool", tool_call_id: "call_1", content: 'of {"city":"Tōkyō"}' },
    ]);
  });

  test("at its own API: as if nobody were between", async () => {
    const name = isStreamed ? "reasoning-message-tool-call.sse" : "encrypted-reasoning-tool.json";
    const sent = script("responses", recording(`openai-responses/${name}`));
    const request = { model: "gpt-5", input: [question], store: true, previous_response_id: "resp_1" };
    const through = await respond(request, isStreamed);
    const straight = await respond(
      request,
      isStreamed,
      openai(`http://127.0.0.1:${running.upstream("responses").port}`),
    );
    expect(through).toEqual(straight);
    const [first, second] = sent();
    expect(first?.path).toBe("/v1/responses");
    expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).toBe(true);
    expect(first?.headers.authorization).toBe(`Bearer ${keys.responses}`);
  });

  test("fails over from one dialect to the other, and leaves foreign thinking behind", async () => {
    const thinking = message({
      content: [
        { type: "thinking", thinking: "Hm.", signature: "c2ln" },
        { type: "text", text: "Hi." },
      ],
    });
    const toClaude = script(
      "claude",
      answer(thinking),
      json({ type: "error", error: { type: "api_error" } }, 500),
    );
    const toResponses = script("responses", recording("openai-responses/tool-call-results.json"));
    const first = await respond({ model: "first-claude", input: [question] }, isStreamed);
    const input = [question, ...first.output, question] as ResponseInputItem[];
    const second = await respond({ model: "first-claude", input }, false);
    expect(second.output_text).toContain("Potato City");
    expect(toClaude()).toHaveLength(2);
    expect(bodyOf(toResponses()[0])).toMatchObject({ model: "gpt-5" });
    expect((bodyOf(toResponses()[0])["input"] as JsonObject[]).map((item) => item["type"])).toEqual([
      undefined,
      "message",
      undefined,
    ]);
  });
});

describe("errors of a client of responses", () => {
  const claudeError = (type: string) => ({ type: "error", error: { type, message: "as scripted" } });

  test.each([
    [400, "invalid_request_error", OpenAI.BadRequestError],
    [401, "authentication_error", OpenAI.AuthenticationError],
    [429, "rate_limit_error", OpenAI.RateLimitError],
    [529, "overloaded_error", OpenAI.InternalServerError],
  ])("have their type: %s", async (status, type, expected) => {
    script("claude", json(claudeError(type), status));
    for (const isStreamed of [false, true]) {
      const attempt = respond({ model: "claude-x", input: "hi" }, isStreamed);
      await expect(attempt).rejects.toThrow(expected);
      await expect(attempt).rejects.toMatchObject({ status });
    }
  });

  test("of its own API pass as they are", async () => {
    script("responses", json(recordedJson("openai-responses/error-invalid-temperature.json"), 400));
    const attempt = respond({ model: "gpt-5", input: "hi", temperature: -1 }, false);
    await expect(attempt).rejects.toThrow(OpenAI.BadRequestError);
    await expect(attempt).rejects.toMatchObject({ param: "temperature", code: "decimal_below_min_value" });
  });

  test.each(["gpt-5", "claude-x"])("that come before a stream's answer have a status: %s", async (model) => {
    script("responses", recording("openai-responses/error-quota.sse"));
    script("claude", recording("anthropic/overloaded-first.sse"));
    const attempt = respond({ model, input: "hi" }, true);
    const [error, status] =
      model === "gpt-5" ? [OpenAI.RateLimitError, 429] : [OpenAI.InternalServerError, 529];
    await expect(attempt).rejects.toThrow(error);
    await expect(attempt).rejects.toMatchObject({ status });
  });

  test("in the middle of a stream are thrown, with the text before them", async () => {
    script("claude", recording("anthropic/overloaded-mid-stream.sse"));
    let text = "";
    const read = async () => {
      for await (const one of await openai().responses.create({
        model: "claude-x",
        input: "hi",
        stream: true,
      })) {
        if (one.type === "response.output_text.delta") text += one.delta;
      }
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
    expect(text).toBe("Hello! I");
  });

  test("say which field only its keeper can continue", async () => {
    const sent = script("claude", whole(message({})));
    const attempt = respond({ model: "claude-x", input: "hi", previous_response_id: "resp_1" }, false);
    await expect(attempt).rejects.toThrow(OpenAI.BadRequestError);
    await expect(attempt).rejects.toMatchObject({
      param: "previous_response_id",
      code: "previous_response_not_found",
    });
    expect(sent()).toHaveLength(0);
  });
});

describe.each([
  ["whole", false],
  ["streamed", true],
])("at the Responses API, %s", (_, isStreamed) => {
  const name = isStreamed ? "reasoning-message-tool-call.sse" : "encrypted-reasoning-tool.json";
  const answered = () => recording(`openai-responses/${name}`);
  const settled = () => recording("openai-responses/tool-call-results.json");
  const calledTool = isStreamed ? "get_capital" : "get_meaning_of_life";
  /** As OpenAI gave it, last. */
  const encrypted = () => {
    const items =
      recordedBytes(`openai-responses/${name}`)
        .toString()
        .match(/"encrypted_content": ?"([^"]+)"/g) ?? [];
    return items.map((item) => item.slice(item.indexOf("gAAA"), -1));
  };
  const continuedWith = (request: RecordedRequest | undefined) => bodyOf(request)["input"] as JsonObject[];

  test("an Anthropic client: the encrypted reasoning returns", async () => {
    const sent = script("responses", answered(), settled());
    const tools = [{ name: calledTool, input_schema: { type: "object" as const } }];
    const request = { model: "gpt-5.1", max_tokens: 2000, tools };
    const ask = { role: "user" as const, content: "Hi?" };
    const first = await (isStreamed
      ? anthropic()
          .messages.stream({ ...request, messages: [ask] })
          .finalMessage()
      : anthropic().messages.create({ ...request, messages: [ask] }));
    expect(first.stop_reason).toBe("tool_use");
    const call = first.content.find((block) => block.type === "tool_use");
    expect(call?.name).toBe(calledTool);
    const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: "42" };
    const messages = [
      ask,
      { role: "assistant" as const, content: first.content },
      { role: "user" as const, content: [result] },
    ];
    const second = await anthropic().messages.create({ ...request, messages });
    expect(second.content[0]).toMatchObject({ type: "text", text: expect.stringContaining("Potato City") });

    const [asked, continued] = sent();
    expect(asked?.path).toBe("/v1/responses");
    expect(bodyOf(asked)).toMatchObject({
      model: "gpt-5.1",
      store: false,
      include: ["reasoning.encrypted_content"],
      max_output_tokens: 2000,
    });
    const reasoning = continuedWith(continued).find((item) => item["type"] === "reasoning");
    expect(encrypted()).toContain(reasoning?.["encrypted_content"]);
    expect(continuedWith(continued).slice(-2)).toMatchObject([
      { type: "function_call", call_id: call?.id, name: calledTool },
      { type: "function_call_output", call_id: call?.id, output: "42" },
    ]);
  });

  test("a chat client: so it does there", async () => {
    const sent = script("responses", answered(), settled());
    const tools = [{ type: "function" as const, function: { name: calledTool } }];
    const request = { model: "gpt-5.1", tools };
    const ask = { role: "user" as const, content: "Hi?" };
    const chat = openai().chat.completions;
    const first = await (isStreamed
      ? chat.stream({ ...request, messages: [ask] }).finalChatCompletion()
      : chat.create({ ...request, messages: [ask] }));
    const said = first.choices[0]?.message;
    if (said === undefined) throw new Error("an answer without a message");
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    const result = { role: "tool" as const, tool_call_id: said.tool_calls?.[0]?.id ?? "", content: "42" };
    const second = await chat.create({ ...request, messages: [ask, said, result] });
    expect(second.choices[0]?.message.content).toContain("Potato City");
    const reasoning = continuedWith(sent()[1]).find((item) => item["type"] === "reasoning");
    expect(encrypted()).toContain(reasoning?.["encrypted_content"]);
  });
});

test("a stream cut by the provider is an error in every SDK", async () => {
  const text = recordedBytes("openai-responses/text.sse").toString();
  const cut = text.slice(0, text.indexOf("event: response.completed"));
  script("responses", inPieces(cut));
  const ask = { role: "user" as const, content: "Hi?" };
  const talk = anthropic().messages.stream({ model: "gpt-5", max_tokens: 99, messages: [ask] });
  await expect(talk.finalMessage()).rejects.toThrow(Anthropic.APIError);
  const chat = openai().chat.completions.stream({ model: "gpt-5", messages: [ask] });
  await expect(chat.finalChatCompletion()).rejects.toThrow(OpenAI.APIError);
});

test("an image by URL and a schema reach the Responses API as they do a chat model", async () => {
  const sent = script("responses", recording("openai-responses/tool-call-results.json"));
  await openai().chat.completions.create({
    model: "gpt-5",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: "https://images.test/a.png", detail: "low" } },
        ],
      },
    ],
    response_format: {
      type: "json_schema",
      json_schema: { name: "thing", schema: { type: "object", properties: {} }, strict: false },
    },
  });
  expect(bodyOf(sent()[0])).toMatchObject({
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: "https://images.test/a.png", detail: "low" },
        ],
      },
    ],
    text: { format: { type: "json_schema", name: "thing", strict: false } },
  });
});
