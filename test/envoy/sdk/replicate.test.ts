/** Replicate behind the real Envoy, asked by the official SDKs: waited for, streamed, failing, and failing over. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { hang, json } from "../harness/upstream-answers.ts";
import { recordedJson } from "./recordings.ts";

let running: RunningGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  const credential = (name: string) =>
    ({
      header: "authorization",
      prefix: "Bearer ",
      secret: { from: "value", value: `key-of-${name}` },
    }) as const;
  running = await gateway({
    clusters: ["replicate", "openai"].map((name) => ({ name, credential: credential(name) })),
    policy: { targets: { replicate: { provider: "replicate" }, openai: { provider: "openai" } } },
    routePolicy: {
      models: {
        llama: { targets: [{ cluster: "replicate", model: "meta/meta-llama-3-8b-instruct" }] },
        "llama-or-gpt": {
          targets: [
            { cluster: "replicate", model: "meta/meta-llama-3-8b-instruct" },
            { cluster: "openai", model: "gpt-4o" },
          ],
          attempts: 2,
          per_try_timeout: "1s",
        },
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

const haiku = recordedJson("replicate/haiku.json");
const said = "\n\nFuzzy, gentle beasts\nSoftly grazing, quiet eyes\nLlama's gentle charm";
const question = [{ role: "user" as const, content: "Please write a haiku about llamas" }];

function sentTo(name: string): RecordedRequest {
  const request = running.upstream(name).requests.at(-1);
  if (request === undefined) throw new Error(`${name} was sent nothing`);
  expect(JSON.stringify(request.headers).match(/key-of-[a-z-]+/g)).toEqual([`key-of-${name}`]);
  return request;
}

test("openai gets a whole answer", async () => {
  running.upstream("replicate").respondWith([json(haiku, 201)]);
  const { data, response } = await openai.chat.completions
    .create({ model: "llama", messages: question, max_tokens: 50, seed: 7 })
    .withResponse();
  expect(data.choices[0]).toMatchObject({ message: { content: said }, finish_reason: "stop" });
  expect(response.status).toBe(200);
  const request = sentTo("replicate");
  expect(request.path).toBe("/v1/models/meta/meta-llama-3-8b-instruct/predictions");
  expect(request.headers).toMatchObject({ prefer: "wait=60", "cancel-after": "60s" });
  expect(request.json()).toEqual({
    input: { prompt: "Please write a haiku about llamas", max_tokens: 50, seed: 7 },
  });
});

test("openai gets a stream", async () => {
  running.upstream("replicate").respondWith([json(haiku, 201)]);
  const stream = openai.chat.completions.stream({ model: "llama", messages: question });
  expect(await stream.finalContent()).toBe(said);
});

test("anthropic gets a stream", async () => {
  running.upstream("replicate").respondWith([json(haiku, 201)]);
  const message = await anthropic.messages
    .stream({ model: "llama", max_tokens: 50, system: "Be brief.", messages: question })
    .finalMessage();
  expect(message.content).toMatchObject([{ type: "text", text: said }]);
  expect(message.stop_reason).toBe("end_turn");
  expect(message.usage.output_tokens).toBeGreaterThan(0);
  expect(sentTo("replicate").json()).toMatchObject({ input: { system_prompt: "Be brief." } });
});

test("what came to nothing raises an exception", async () => {
  const cases: ReadonlyArray<readonly [body: JsonObject, status: number, seen: number]> = [
    [recordedJson("replicate/error-unauthenticated.json"), 401, 401],
    [{ detail: "Request was throttled. Your rate limit resets in ~3s." }, 429, 429],
    [{ ...haiku, status: "failed", output: null, error: "it broke" }, 201, 502],
    [recordedJson("replicate/error-starting.json"), 201, 504],
    [haiku, 202, 504],
  ];
  for (const [body, status, seen] of cases) {
    running.upstream("replicate").respondWith(() => json(body, status));
    const whole = openai.chat.completions.create({ model: "llama", messages: question });
    await expect(whole, JSON.stringify(body)).rejects.toMatchObject({ status: seen });
    const streamed = anthropic.messages.stream({ model: "llama", max_tokens: 50, messages: question });
    await expect(streamed.finalMessage()).rejects.toMatchObject({ status: seen });
  }
});

test("when a try takes too long the next target is asked, and told nothing of waiting", async () => {
  running.upstream("replicate").respondWith([hang]);
  running.upstream("openai").respondWith([
    json({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "gpt-4o",
      choices: [{ index: 0, message: { role: "assistant", content: "Here." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    }),
  ]);
  const answer = await openai.chat.completions.create({ model: "llama-or-gpt", messages: question });
  expect(answer.choices[0]?.message.content).toBe("Here.");
  expect(sentTo("replicate").headers).toMatchObject({ prefer: "wait=1", "cancel-after": "5s" });
  const { headers } = sentTo("openai");
  expect(headers["prefer"]).toBeUndefined();
  expect(headers["cancel-after"]).toBeUndefined();
});
