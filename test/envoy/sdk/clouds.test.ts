/** The same models at another's cloud: paths, bodies and keys of Azure and Vertex AI, at first and after a failover. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { recording } from "./recordings.ts";

const clientKey = "key-of-the-client";
const key = (value: string) => ({ from: "value", value }) as const;
const busy = json({ error: { message: "busy" } }, 503);
const question = [{ role: "user" as const, content: "Hello" }];
const deployment = "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21";
const raw =
  "/v1/projects/acme-ai/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5%4020250929";

let running: RunningGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  const azure = { cluster: "azure", model: "my-gpt" };
  const vertex = { cluster: "vertex", model: "claude-sonnet-4-5@20250929" };
  running = await gateway({
    clusters: [
      { name: "azure", credential: { header: "api-key", secret: key("key-of-azure") } },
      {
        name: "vertex",
        credential: { header: "authorization", prefix: "Bearer ", secret: key("key-of-vertex") },
      },
    ],
    policy: {
      targets: {
        azure: { provider: "azure-openai", api_version: "2024-10-21" },
        vertex: { provider: "vertex-anthropic", project: "acme-ai", location: "us-east5" },
      },
    },
    routePolicy: {
      models: { "azure-first": { targets: [azure, vertex] }, "vertex-first": { targets: [vertex, azure] } },
    },
  });
  const shared = { apiKey: clientKey, maxRetries: 0, timeout: 20_000 };
  openai = new OpenAI({ ...shared, baseURL: `${running.url}/v1` });
  anthropic = new Anthropic({ ...shared, baseURL: running.url });
});

afterAll(async () => {
  await running?.stop();
});

function answering(azure: UpstreamAnswer, vertex: UpstreamAnswer): void {
  running.upstream("azure").respondWith(() => azure);
  running.upstream("vertex").respondWith(() => vertex);
}

function expectSent(cluster: "azure" | "vertex", path: string, body: JsonObject): void {
  const request = running.upstream(cluster).requests.at(-1);
  expect(request?.path).toBe(path);
  expect(request?.json()).toEqual(body);
  const secrets = JSON.stringify(request?.headers).match(/key-of-[a-z-]+/g);
  expect(secrets).toEqual([`key-of-${cluster}`]);
}

const forAzure = { model: "my-gpt", messages: question, max_completion_tokens: 9 };
const forVertex = { messages: question, max_tokens: 9, anthropic_version: "vertex-2023-10-16" };

test.each([
  ["azure-first", recording("openai-chat/tool-call.json"), busy],
  ["vertex-first", recording("openai-chat/tool-call.json"), busy],
  ["azure-first", busy, recording("anthropic/parallel-tools.json")],
  ["vertex-first", busy, recording("anthropic/parallel-tools.json")],
])("an OpenAI client of %s", async (model, azure, vertex) => {
  answering(azure, vertex);
  const answer = await openai.chat.completions.create({
    model,
    messages: question,
    max_completion_tokens: 9,
  });
  expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
  if (azure !== busy || model === "azure-first") expectSent("azure", deployment, forAzure);
  if (vertex !== busy || model === "vertex-first") expectSent("vertex", `${raw}:rawPredict`, forVertex);
});

test("an Anthropic client, streamed, whose words pass as they are", async () => {
  answering(busy, recording("anthropic/parallel-tools.sse"));
  const message = await anthropic.messages
    .stream({ model: "azure-first", messages: question, max_tokens: 9, metadata: { user_id: "u" } })
    .finalMessage();
  expect(message.stop_reason).toBe("tool_use");
  const body = { ...forVertex, metadata: { user_id: "u" }, stream: true };
  expectSent("vertex", `${raw}:streamRawPredict`, body);
});
