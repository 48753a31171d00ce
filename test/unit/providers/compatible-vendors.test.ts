/** Vendors of OpenAI's chat format: where they are asked, and what of a request they are sent. */
import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { anthropic } from "../../../src/dialects/anthropic/index.ts";
import type { ClientDialect } from "../../../src/dialects/dialect.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../../src/dialects/openai-responses/index.ts";
import { parseDocument } from "../../../src/json/document.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { compatibleVendors } from "../../../src/providers/compatible-vendors.ts";
import type { TargetSettings } from "../../../src/providers/provider.ts";
import { providerNamed } from "../../../src/providers/registry.ts";
import { cataloguePricing } from "../../../src/tokens/catalogue.ts";
import { translateRequest } from "../../../src/translation/translate.ts";
import { clientCall } from "../../sealing.ts";

function pathOf(name: string, settings: Partial<TargetSettings> = {}): string {
  return providerNamed(name).path({
    settings: { provider: name, ...settings },
    model: "m",
    stream: false,
    clientHeader: () => undefined,
    clientPath: "",
    sameDialect: true,
  });
}

const completions = "/chat/completions";
const paths: Readonly<Record<string, string>> = {
  mistral: `/v1${completions}`,
  groq: `/openai/v1${completions}`,
  together: `/v1${completions}`,
  deepseek: `/v1${completions}`,
  xai: `/v1${completions}`,
  openrouter: `/api/v1${completions}`,
  cohere: `/compatibility/v1${completions}`,
  huggingface: `/v1${completions}`,
  fireworks: `/inference/v1${completions}`,
  perplexity: completions,
  ollama: `/v1${completions}`,
  vllm: `/v1${completions}`,
};

describe("paths", () => {
  it("are known of every vendor", () => {
    expect(compatibleVendors.map(({ name }) => name).sort()).toEqual(Object.keys(paths).sort());
  });

  it.each(Object.entries(paths))("%s", (name, path) => {
    expect(pathOf(name)).toBe(path);
    expect(pathOf(name, { basePath: "/proxy" })).toBe(`/proxy${completions}`);
    expect(pathOf(name, { basePath: "" })).toBe(completions);
  });

  it("cloudflare-workers-ai names the account", () => {
    const cloudflare = "cloudflare-workers-ai";
    expect(pathOf(cloudflare, { account: "0123abc" })).toBe(
      "/client/v4/accounts/0123abc/ai/v1/chat/completions",
    );
    expect(pathOf(cloudflare, { account: "a", basePath: "" })).toBe("/accounts/a/ai/v1/chat/completions");
  });

  it.each([
    [{}, "/openai/v1/responses"],
    [{ apiVersion: "2025-04-01-preview" }, "/openai/responses?api-version=2025-04-01-preview"],
    [{ basePath: "/proxy" }, "/proxy/responses"],
  ])("azure-openai-responses with %o", (settings, path) => {
    expect(pathOf("azure-openai-responses", settings)).toBe(path);
  });
});

/** A request with everything in it that a vendor may not take. */
const full: JsonObject = {
  model: "asked",
  messages: [{ role: "user", content: "Hi" }],
  max_completion_tokens: 9,
  seed: 7,
  n: 2,
  user: "u",
  logprobs: true,
  top_logprobs: 2,
  logit_bias: { "1": 2 },
  parallel_tool_calls: false,
  service_tier: "priority",
  metadata: { a: "b" },
  store: true,
  temperature: 0.5,
  stream: true,
  stream_options: { include_usage: true },
};

function sent(name: string, request: JsonObject, client: ClientDialect = openaiChat) {
  const document = parseDocument(Buffer.from(JSON.stringify(request)));
  const { body, losses } = translateRequest(
    client,
    openaiChat,
    document,
    () => client.decodeRequest(document.value, clientCall("/")),
    { model: "m", quirks: providerNamed(name).quirks },
  );
  const given: JsonObject = JSON.parse(Buffer.from(body).toString());
  return { given, lost: losses.map(({ path }) => path).sort() };
}

/** By vendor: what is gone of the request above, of that what is lost, and what is there instead. */
const changes: Readonly<Record<string, readonly [lost: string[], added?: JsonObject, unmissed?: string[]]>> =
  {
    mistral: [
      ["logit_bias", "logprobs", "service_tier", "store", "top_logprobs", "user"],
      { max_tokens: 9, random_seed: 7 },
      ["stream_options", "max_completion_tokens", "seed"],
    ],
    groq: [["logit_bias", "logprobs", "n", "top_logprobs"]],
    together: [[], { max_tokens: 9 }, ["max_completion_tokens"]],
    deepseek: [[], { max_tokens: 9 }, ["max_completion_tokens"]],
    xai: [[]],
    openrouter: [[]],
    cohere: [
      ["logit_bias", "metadata", "n", "parallel_tool_calls", "service_tier", "store", "top_logprobs"],
      { max_tokens: 9 },
      ["max_completion_tokens"],
    ],
    huggingface: [[], { max_tokens: 9 }, ["max_completion_tokens"]],
    fireworks: [[]],
    perplexity: [[], { max_tokens: 9 }, ["max_completion_tokens"]],
    ollama: [["logit_bias", "n", "user"], { max_tokens: 9 }, ["max_completion_tokens"]],
    vllm: [[]],
    "cloudflare-workers-ai": [[], { max_tokens: 9 }, ["max_completion_tokens"]],
    "azure-openai": [[]],
  };

describe("what is sent", () => {
  it.each(Object.entries(changes))("to %s", (name, [lost, added = {}, unmissed = []]) => {
    const gone = new Set([...lost, ...unmissed]);
    const kept = Object.entries(full).filter(([field]) => !gone.has(field));
    const result = sent(name, full);
    expect(result.given).toEqual({ ...Object.fromEntries(kept), model: "m", ...added });
    expect(result.lost).toEqual(lost);
  });

  it.each(Object.keys(changes))("to %s, nothing is lost that asked for nothing", (name) => {
    const nothing = {
      n: 1,
      logprobs: false,
      store: false,
      metadata: null,
      logit_bias: {},
      top_logprobs: null,
    };
    const asked = {
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
      service_tier: "auto",
      ...nothing,
    };
    const { given, lost } = sent(name, { ...asked, parallel_tool_calls: true });
    expect(lost).toEqual([]);
    expect(given["messages"]).toEqual(asked.messages);
  });

  it.each(Object.keys(changes))("to %s, the limit of an Anthropic client has the vendor's name", (name) => {
    const request = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }], stream: true };
    const { given, lost } = sent(name, request, anthropic);
    const isOlder = (changes[name]?.[2] ?? []).includes("max_completion_tokens");
    expect(given[isOlder ? "max_tokens" : "max_completion_tokens"]).toBe(9);
    expect(given).not.toHaveProperty(isOlder ? "max_completion_tokens" : "max_tokens");
    expect("stream_options" in given).toBe(name !== "mistral");
    expect(lost).toEqual([]);
  });
});

it.each([true, false])("the Responses API is always asked something by store: %s", (store) => {
  const document = parseDocument(Buffer.from(JSON.stringify({ model: "m", input: "Hi", store, n: 1 })));
  const quirks = { unsupported: ["store", "n"], renamed: {} };
  const losses = new Losses();
  const body = openaiResponses.passthrough.request(document, { model: "m", quirks }, losses);
  expect(JSON.parse(Buffer.from(body).toString())).toEqual({ model: "m", input: "Hi" });
  expect(losses.entries.map(({ path }) => path)).toEqual(["store"]);
});

describe("messages", () => {
  const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
  const history = (role: string, first: string, second: string, reasoning: JsonObject = {}): JsonObject[] => [
    { role, content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: null, ...reasoning, tool_calls: [call(first), call(second)] },
    { role: "tool", tool_call_id: first, content: "1" },
    { role: "tool", tool_call_id: second, content: "2" },
  ];
  const long = "call_PTLP8xhu3uwZk4l3nlnrrJha";
  const asked = {
    model: "m",
    messages: history("developer", "gSIMJiOkT", long, { reasoning_content: "Hm." }),
  };

  it("get ids, roles and fields that Mistral takes", () => {
    const { given, lost } = sent("mistral", asked);
    const id = (given["messages"] as JsonObject[])[4]?.["tool_call_id"] as string;
    expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(given["messages"]).toEqual(history("system", "gSIMJiOkT", id));
    expect(lost).toEqual(["messages[2].reasoning_content"]);
    expect(sent("mistral", asked)).toEqual({ given, lost });
  });

  it("get ids that Mistral takes from an Anthropic client too", () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_01A", name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_01A", content: "1" }] },
    ];
    const { given } = sent("mistral", { model: "m", max_tokens: 9, messages }, anthropic);
    const [, assistant, tool] = given["messages"] as JsonObject[];
    expect(tool?.["tool_call_id"]).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(assistant?.["tool_calls"]).toMatchObject([{ id: tool?.["tool_call_id"] }]);
  });

  it("keep all but the role at DeepSeek", () => {
    const { given, lost } = sent("deepseek", asked);
    const expected = history("system", "gSIMJiOkT", long, { reasoning_content: "Hm." });
    expect(given["messages"]).toEqual(expected);
    expect(lost).toEqual([]);
  });

  it("pass as they came where nothing must differ", () => {
    expect(sent("openrouter", asked).given["messages"]).toEqual(asked.messages);
    const plain = history("system", "gSIMJiOkT", "aaaaaaaa9");
    expect(sent("mistral", { model: "m", messages: plain })).toMatchObject({
      given: { messages: plain },
      lost: [],
    });
  });

  it("that are none are left for the server to refuse", () => {
    const messages = ["developer", { role: "developer" }, null];
    expect(sent("mistral", { model: "m", messages }).given["messages"]).toEqual([
      "developer",
      { role: "system" },
      null,
    ]);
    expect(sent("mistral", { model: "m", messages: "developer" }).given["messages"]).toBe("developer");
  });
});

describe("prices", () => {
  const usage = { input: 1000, output: 1000, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0 };
  const rest = { reasoning: 0, audioInput: 0, audioOutput: 0, estimated: false };
  it.each([
    ["mistral", "mistral-small-latest"],
    ["groq", "llama-3.3-70b-versatile"],
    ["together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"],
    ["deepseek", "deepseek-chat"],
    ["xai", "grok-3-mini"],
    ["openrouter", "openai/gpt-4o"],
    ["cohere", "command-a-03-2025"],
    ["perplexity", "sonar"],
    ["cloudflare-workers-ai", "@cf/meta/llama-3.1-8b-instruct"],
    ["azure-openai", "gpt-4o-2024-08-06"],
    ["vertex-anthropic", "claude-sonnet-4-5@20250929"],
  ])("%s has one for %s", (name, model) => {
    const query = { model, providerId: providerNamed(name).priceId, terms: undefined };
    const cost = cataloguePricing(() => Date.UTC(2026, 0, 1)).cost(query, { ...usage, ...rest });
    expect(cost).toMatchObject({ source: "catalogue" });
    expect(cost.nanoUsd).toBeGreaterThan(0);
  });
});
