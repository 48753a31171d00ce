/** Counting tokens by the official SDKs: by the provider where it counts, by Tollgate itself where it does not. */
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";

const names = ["openai", "claude", "gemini", "vllm"] as const;
type Cluster = (typeof names)[number];

let running: RunningGateway;

beforeAll(async () => {
  const policy = {
    targets: {
      openai: { provider: "openai" },
      claude: { provider: "anthropic" },
      gemini: { provider: "google" },
      vllm: { provider: "vllm" },
    },
    models: {
      "gpt-*": { targets: [{ cluster: "openai" }] },
      "claude-*": { targets: [{ cluster: "claude" }] },
      "gemini-*": { targets: [{ cluster: "gemini" }] },
      "gpt-4o-local": { targets: [{ cluster: "vllm", model: "gpt-4o" }] },
    },
  };
  const route = (name: string, prefix: string) =>
    ({ kind: "gated", name, prefix, policy: { strict: false } }) as const;
  running = await gateway({
    clusters: names.map((name) => ({ name })),
    policy,
    routes: [route("v1", "/v1/"), route("v1beta", "/v1beta/")],
  });
});

afterAll(async () => {
  await running?.stop();
});

function answer(cluster: Cluster, ...answers: UpstreamAnswer[]) {
  const upstream = running.upstream(cluster);
  const before = upstream.requests.length;
  upstream.respondWith(answers);
  return () => upstream.requests.slice(before);
}

const text = "How many tokens is this?";
const anthropic = () => new Anthropic({ apiKey: "client", baseURL: running.url, maxRetries: 0 });
const openai = () => new OpenAI({ apiKey: "client", baseURL: `${running.url}/v1`, maxRetries: 0 });
const google = () => new GoogleGenAI({ apiKey: "client", httpOptions: { baseUrl: running.url } });

const ask = {
  anthropic: async (model: string) => {
    const request = { model, system: "Be brief.", messages: [{ role: "user" as const, content: text }] };
    return (await anthropic().messages.countTokens(request)).input_tokens;
  },
  openai: async (model: string) => {
    const request = { model, instructions: "Be brief.", input: text };
    return (await openai().responses.inputTokens.count(request)).input_tokens;
  },
  google: async (model: string) => (await google().models.countTokens({ model, contents: text })).totalTokens,
} as const;

const clients = Object.keys(ask) as Array<keyof typeof ask>;

/** By target: its model, its answer, where it is asked. */
const counting: ReadonlyArray<readonly [Cluster, string, JsonObject, string]> = [
  ["openai", "gpt-5.1", { object: "response.input_tokens", input_tokens: 42 }, "/v1/responses/input_tokens"],
  ["claude", "claude-sonnet-4-5", { input_tokens: 42 }, "/v1/messages/count_tokens"],
  ["gemini", "gemini-2.5-flash", { totalTokens: 42 }, "/v1beta/models/gemini-2.5-flash:countTokens"],
];

describe.each(clients)("a client of %s", (client) => {
  test.each(counting)("is told by %s", async (cluster, model, counted, path) => {
    const asked = answer(cluster, json(counted));
    expect(await ask[client](model)).toBe(42);
    expect(asked()).toMatchObject([{ method: "POST", path }]);
    expect(JSON.stringify(asked()[0]?.json())).toContain(text);
  });

  test("is told by Tollgate where the provider does not count", async () => {
    const asked = answer("vllm");
    const count = await ask[client]("gpt-4o-local");
    // "How many tokens is this?" is 6 tokens; instructions, where they were given, and what messages cost come on top.
    expect(count).toBeGreaterThanOrEqual(6 + 7);
    expect(count).toBeLessThanOrEqual(6 + 7 + 7);
    expect(asked()).toEqual([]);
  });
});

test("a count of our own says that it is one", async () => {
  const response = await fetch(`${running.url}/v1/messages/count_tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o-local", messages: [{ role: "user", content: text }] }),
  });
  expect(response.headers.get("x-tollgate-estimated")).toBe("true");
  expect(response.headers.get("x-tollgate-target")).toBe("vllm/gpt-4o");
  expect(await response.json()).toEqual({ input_tokens: 6 + 7 });
});

test("what cannot be counted is refused in the client's words", async () => {
  const request = {
    model: "gpt-4o-local",
    messages: [{ role: "user" as const, content: [{ type: "text" }] }],
  };
  const call = anthropic().messages.countTokens(request as Anthropic.MessageCountTokensParams);
  await expect(call).rejects.toMatchObject({
    status: 400,
    error: { error: { type: "invalid_request_error" } },
  });
});

test("a provider's error is the client's own", async () => {
  answer("gemini", json({ error: { code: 404, message: "no such model", status: "NOT_FOUND" } }, 404));
  await expect(ask.openai("gemini-none")).rejects.toMatchObject({ status: 404, message: /no such model/ });
});
