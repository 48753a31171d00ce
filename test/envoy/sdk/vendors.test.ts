/** Vendors of OpenAI's chat format behind the real Envoy: their paths, their words, their streams. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json } from "../harness/upstream-answers.ts";
import { recording } from "./recordings.ts";

const vendors = ["openai", "mistral", "xai", "deepseek", "cloudflare"] as const;
type Vendor = (typeof vendors)[number];

let running: RunningGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  const secret = (name: Vendor) => ({ from: "value", value: `key-of-${name}` }) as const;
  running = await gateway({
    clusters: vendors.map((name) => ({
      name,
      credential: { header: "authorization", prefix: "Bearer ", secret: secret(name) },
    })),
    policy: {
      targets: {
        openai: { provider: "openai" },
        mistral: { provider: "mistral" },
        xai: { provider: "xai" },
        deepseek: { provider: "deepseek" },
        cloudflare: { provider: "cloudflare-workers-ai", account: "0123abc" },
      },
    },
    routePolicy: {
      models: {
        "from-openai": {
          targets: [
            { cluster: "openai", model: "gpt-4.1" },
            { cluster: "mistral", model: "mistral-small-latest" },
          ],
        },
        magistral: { targets: [{ cluster: "mistral" }] },
        grok: { targets: [{ cluster: "xai", model: "grok-3-mini" }] },
        deepseek: { targets: [{ cluster: "deepseek", model: "deepseek-chat" }] },
        llama: { targets: [{ cluster: "cloudflare", model: "@cf/meta/llama-3.1-8b-instruct" }] },
      },
    },
  });
  const shared = { apiKey: "key-of-the-client", maxRetries: 0, timeout: 20_000 };
  openai = new OpenAI({ ...shared, baseURL: `${running.url}/v1` });
  anthropic = new Anthropic({ ...shared, baseURL: running.url });
});

afterAll(async () => {
  await running?.stop();
});

const question = [{ role: "user" as const, content: "What is the weather in San Francisco?" }];
const parameters = { type: "object", properties: { location: { type: "string" } } };
const tools = [{ type: "function" as const, function: { name: "weather", parameters } }];

/** What a vendor was sent last, its own key and no other with it. */
function sentTo(vendor: Vendor): { path: string; body: JsonObject } {
  const request = running.upstream(vendor).requests.at(-1);
  if (request === undefined) throw new Error(`${vendor} was sent nothing`);
  expect(JSON.stringify(request.headers).match(/key-of-[a-z-]+/g)).toEqual([`key-of-${vendor}`]);
  return { path: request.path, body: request.json() as JsonObject };
}

test("a loop of tools begun at OpenAI goes on at Mistral, in Mistral's words", async () => {
  running.upstream("openai").respondWith([json({ error: { message: "busy" } }, 503)]);
  running.upstream("mistral").respondWith([recording("compatible-vendors/mistral-tool-call.sse")]);
  const id = "call_PTLP8xhu3uwZk4l3nlnrrJha";
  const call = { id, type: "function" as const, function: { name: "weather", arguments: "{}" } };
  const answer = await openai.chat.completions
    .stream({
      model: "from-openai",
      messages: [
        { role: "developer", content: "Be brief." },
        ...question,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: id, content: "Where?" },
      ],
      max_completion_tokens: 100,
      seed: 7,
      tools,
      stream_options: { include_usage: true },
    })
    .finalChatCompletion();
  expect(answer.choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: { tool_calls: [{ id: "gSIMJiOkT", function: { arguments: '{"location": "San Francisco"}' } }] },
  });
  expect(answer.usage).toMatchObject({ prompt_tokens: 124, completion_tokens: 22 });
  const { path, body } = sentTo("mistral");
  expect(path).toBe("/v1/chat/completions");
  const nine = expect.stringMatching(/^[a-zA-Z0-9]{9}$/);
  expect(body).toEqual({
    model: "mistral-small-latest",
    messages: [
      { role: "system", content: "Be brief." },
      ...question,
      { role: "assistant", content: null, tool_calls: [{ ...call, id: nine }] },
      { role: "tool", tool_call_id: nine, content: "Where?" },
    ],
    max_tokens: 100,
    random_seed: 7,
    tools,
    stream: true,
  });
});

test("Mistral's reasoning reaches an Anthropic client as thinking", async () => {
  running.upstream("mistral").respondWith([recording("compatible-vendors/mistral-reasoning.sse")]);
  const stream = anthropic.messages.stream({ model: "magistral", max_tokens: 100, messages: question });
  const message = await stream.finalMessage();
  expect(message.content).toMatchObject([
    { type: "thinking", thinking: thought },
    { type: "text", text: "2 + 2 = 4" },
  ]);
  expect(message.usage).toMatchObject({ input_tokens: 10, output_tokens: 46 });
  expect(sentTo("mistral").body).toEqual({
    model: "magistral",
    messages: question,
    max_tokens: 100,
    stream: true,
  });
});

const thought = "The user is asking for 2+2. This is basic arithmetic. 2+2=4.";

test("and an OpenAI client as text", async () => {
  running.upstream("mistral").respondWith([recording("compatible-vendors/mistral-reasoning.json")]);
  const answer = await openai.chat.completions.create({ model: "magistral", messages: question });
  const message = { content: "2 + 2 = 4", reasoning_content: thought };
  expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message });
});

test("and an OpenAI client as text, streamed", async () => {
  running.upstream("mistral").respondWith([recording("compatible-vendors/mistral-reasoning.sse")]);
  const body = { model: "magistral", messages: question, stream: true } as const;
  // The SDK's own accumulator keeps the last piece alone of fields that it does not know.
  const said = { content: "", reasoning_content: "" };
  for await (const chunk of await openai.chat.completions.create(body)) {
    const delta: Partial<typeof said> = (chunk.choices[0]?.delta ?? {}) as object;
    said.content += delta.content ?? "";
    said.reasoning_content += delta.reasoning_content ?? "";
    // Nobody asked for it.
    expect(chunk.usage ?? null).toBeNull();
  }
  expect(said).toEqual({ content: "2 + 2 = 4", reasoning_content: thought });
});

test("what Mistral refuses is an OpenAI client's exception", async () => {
  const said = "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.";
  const error = { object: "error", message: said, type: "invalid_function_call", param: null, code: "3280" };
  running.upstream("mistral").respondWith([json(error, 400)]);
  const call = openai.chat.completions.create({ model: "magistral", messages: question });
  await expect(call).rejects.toSatisfy(
    (thrown) => thrown instanceof OpenAI.BadRequestError && thrown.message.includes(said),
  );
});

test("xAI's reasoning is counted", async () => {
  running.upstream("xai").respondWith([recording("compatible-vendors/xai-tool-call.sse")]);
  const stream = anthropic.messages.stream({ model: "grok", max_tokens: 100, messages: question });
  const message = await stream.finalMessage();
  expect(message.stop_reason).toBe("tool_use");
  expect(message.usage).toMatchObject({
    input_tokens: 1,
    cache_read_input_tokens: 290,
    output_tokens: 26 + 196,
  });
  expect(sentTo("xai").path).toBe("/v1/chat/completions");
});

test("DeepSeek's answer, whole, to an Anthropic client", async () => {
  running.upstream("deepseek").respondWith([recording("compatible-vendors/deepseek-tool-call.json")]);
  const message = await anthropic.messages.create({ model: "deepseek", max_tokens: 100, messages: question });
  expect(message.content.map(({ type }) => type)).toEqual(["thinking", "tool_use"]);
  expect(sentTo("deepseek").body).toMatchObject({ model: "deepseek-chat", max_tokens: 100 });
});

test("Cloudflare is asked on behalf of the account", async () => {
  running.upstream("cloudflare").respondWith([recording("openai-chat/tool-call.json")]);
  await openai.chat.completions.create({ model: "llama", messages: question, max_completion_tokens: 9 });
  expect(sentTo("cloudflare")).toEqual({
    path: "/client/v4/accounts/0123abc/ai/v1/chat/completions",
    body: { model: "@cf/meta/llama-3.1-8b-instruct", messages: question, max_tokens: 9 },
  });
});
