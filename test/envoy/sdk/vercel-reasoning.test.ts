/** Thinking in Vercel's AI SDK: asked for in each client's own words, shown, and taken back with its proof. */
import { APICallError, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { recordedBytes, recordedJson, recording } from "./recordings.ts";
import { answerOf, type Spoken } from "./vercel-answers.ts";
import {
  aliasOf,
  type Client,
  type Provider,
  providers,
  startVercelStage,
  type VercelStage,
} from "./vercel-stage.ts";

let stage: VercelStage;
beforeAll(async () => {
  stage = await startVercelStage();
});
afterAll(async () => {
  await stage?.stop();
});

/** The SDK's clients that show thinking; that of the chat API knows of none. */
const thinkers = ["responses", "anthropic", "google"] as const;

/** How an application asks for it. What a budget of 2048 is in efforts, the translation knows. */
const asking = {
  chat: { openai: { reasoningEffort: "low" } },
  responses: { openai: { reasoningEffort: "low", reasoningSummary: "auto", store: false } },
  anthropic: { anthropic: { thinking: { type: "enabled", budgetTokens: 2048 } } },
  google: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } },
} as const;
/** A model of whose thinking the client knows, so that the SDK asks for it. */
const like = { chat: "responses", responses: "responses", anthropic: "claude", google: "gemini" } as const;
const asked = {
  claude: { thinking: { type: "enabled", budget_tokens: 2048 } },
  gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 2048, includeThoughts: true } } },
} as const;

const parameters = jsonSchema<JsonObject>({ type: "object", additionalProperties: true });
const named = (...names: string[]) =>
  Object.fromEntries(
    names.map((name) => [name, tool({ inputSchema: parameters, execute: async () => ({ city: "Zürich" }) })]),
  );

function setting(client: Client, provider: Provider, answers: Parameters<VercelStage["case"]>[0][Provider]) {
  const it = stage.case({ [provider]: answers ?? [] });
  const model = it.model(client, aliasOf(like[client], provider));
  const ask = {
    model,
    maxRetries: 0,
    maxOutputTokens: 4000,
    prompt: "Where is it warm?",
    stopWhen: stepCountIs(3),
    providerOptions: asking[client],
  };
  return { it, ask };
}

const thinking = {
  claude: { text: "Hm, Zürich?", signature: "U2lnbmVk" },
  gemini: { text: "Hm, Zürich?", signature: "R2VtaW5p" },
};
const call = { id: "toolu_1", name: "weather", input: { city: "Zürich" } };

function answers(provider: keyof typeof thinking, isStreamed: boolean) {
  const first = { thinking: thinking[provider], text: "Let me see.", calls: [call] };
  return [answerOf(provider, first, isStreamed), answerOf(provider, { text: "There." }, isStreamed)];
}

/** The thinking in the second request, at its place and with the proof that its provider gave. */
const returned = {
  claude: {
    messages: [
      { role: "user" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm, Zürich?", signature: "U2lnbmVk" },
          { type: "text", text: "Let me see." },
          { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Zürich" } },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] },
    ],
  },
  gemini: {
    contents: [
      { role: "user" },
      {
        role: "model",
        parts: [
          { text: "Hm, Zürich?", thought: true },
          { text: "Let me see." },
          { functionCall: { name: "weather", args: { city: "Zürich" } }, thoughtSignature: "R2VtaW5p" },
        ],
      },
      { role: "user", parts: [{ functionResponse: { name: "weather" } }] },
    ],
  },
};

const pairs = thinkers.flatMap((client) =>
  (["claude", "gemini"] as const).map((provider) => ({ client, provider })),
);

describe("thinking before a call", () => {
  test.each(pairs)("$client at $provider, whole", async ({ client, provider }) => {
    const { it, ask } = setting(client, provider, answers(provider, false));
    const { steps, text } = await generateText({ ...ask, tools: named("weather") });
    expect(steps[0]?.reasoningText).toBe("Hm, Zürich?");
    expect(text).toBe("There.");
    const [first, second] = it.bodiesAt(provider);
    expect(first).toMatchObject(asked[provider]);
    expect(second).toMatchObject({ ...asked[provider], ...returned[provider] });
  });

  test.each(pairs)("$client at $provider, streamed", async ({ client, provider }) => {
    const { it, ask } = setting(client, provider, answers(provider, true));
    const result = streamText({ ...ask, tools: named("weather") });
    let reasoning = "";
    for await (const part of result.fullStream) {
      expect(part.type).not.toBe("error");
      if (part.type === "reasoning-delta") reasoning += part.text;
    }
    expect(reasoning).toBe("Hm, Zürich?");
    expect(await result.text).toBe("There.");
    const [first, second] = it.bodiesAt(provider);
    expect(first).toMatchObject(asked[provider]);
    expect(second).toMatchObject({ ...asked[provider], ...returned[provider] });
  });

  test("a client of the chat API asks for it, and goes on without", async () => {
    const { it, ask } = setting("chat", "claude", answers("claude", false));
    const { text, steps } = await generateText({ ...ask, tools: named("weather") });
    expect(text).toBe("There.");
    const [first, second] = it.bodiesAt("claude");
    expect(first).toMatchObject({ thinking: { type: "enabled" } });
    // Claude would refuse to think on with a call that it has not thought of.
    expect(second).not.toHaveProperty("thinking");
    expect(steps[1]?.response.headers?.["x-tollgate-lossy"]).toBe("reasoning_effort");
  });
});

describe("recorded thinking is proven to", () => {
  test.each(thinkers)("Anthropic: %s", async (client) => {
    const names = ["anthropic/thinking-tool.json", "anthropic/thinking-tool-results.json"];
    const { it, ask } = setting(
      client,
      "claude",
      names.map((name) => recording(name)),
    );
    const { steps } = await generateText({ ...ask, tools: named("get_user_country") });
    const { content } = recordedJson("anthropic/thinking-tool.json") as { content: JsonObject[] };
    expect(steps[0]?.reasoningText).toBe(content[0]?.["thinking"]);
    const { messages } = it.bodiesAt("claude")[1] as { messages: Array<{ content: JsonObject[] }> };
    expect(messages[1]?.content).toEqual(content);
  });

  test.each(thinkers)("Gemini: %s", async (client) => {
    const names = ["gemini/parallel-calls.sse", "gemini/text.sse"];
    const { it, ask } = setting(
      client,
      "gemini",
      names.map((name) => recording(name)),
    );
    const result = streamText({ ...ask, tools: named("get_weather") });
    await result.consumeStream();
    expect((await result.steps)[0]?.reasoningText).toBe("Two cities: two calls.");
    const { contents } = it.bodiesAt("gemini")[1] as { contents: Array<{ parts: JsonObject[] }> };
    const signatures = contents[1]?.parts.map((part) => part["thoughtSignature"]) ?? [];
    expect(signatures).toEqual([undefined, expect.stringMatching(/^AY89/), undefined]);
    expect(recordedBytes("gemini/parallel-calls.sse").toString()).toContain(String(signatures[1]));
  });

  // The SDK's Google forgets thinking that has no text, and all of this is encrypted.
  test.each(["responses", "anthropic"] as const)("OpenAI: %s", async (client) => {
    const names = [
      "openai-responses/encrypted-reasoning-tool.json",
      "openai-responses/tool-call-results.json",
    ];
    const { it, ask } = setting(
      client,
      "responses",
      names.map((name) => recording(name)),
    );
    const { text } = await generateText({ ...ask, tools: named("get_meaning_of_life") });
    expect(text).toContain("Potato City");
    const { output } = recordedJson("openai-responses/encrypted-reasoning-tool.json") as {
      output: JsonObject[];
    };
    const { input } = it.bodiesAt("responses")[1] as { input: JsonObject[] };
    const reasoning = input.find(({ type }) => type === "reasoning");
    expect(reasoning).toMatchObject({
      id: output[0]?.["id"],
      encrypted_content: output[0]?.["encrypted_content"],
      summary: [],
    });
  });
});

describe("a client of responses that leaves keeping to the provider", () => {
  const kept = (provider: Spoken, first: Parameters<typeof answerOf>[1]) => {
    const said = [first, { text: "There." }].map((saying) => answerOf(provider, saying, false));
    const { it, ask } = setting("responses", provider, said);
    // By a name that is no reasoning model's: only of those the SDK sends texts that it has not reasoned about.
    const model = it.model("responses", providers[provider].model);
    return { it, ask: { ...ask, model, providerOptions: {}, tools: named("weather") } };
  };

  test.each(["openai", "claude", "gemini"] as const)("goes on after a call: %s", async (provider) => {
    const { it, ask } = kept(provider, { calls: [call] });
    expect((await generateText(ask)).text).toBe("There.");
    expect(it.bodiesAt(provider)).toHaveLength(2);
  });

  test.each(["openai", "claude", "gemini"] as const)("is told to send texts itself: %s", async (provider) => {
    const { it, ask } = kept(provider, { text: "Let me see.", calls: [call] });
    const failure: unknown = await generateText(ask).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(APICallError);
    expect(failure).toMatchObject({ statusCode: 400, isRetryable: false });
    expect(String(failure)).toContain("store: false");
    expect(it.bodiesAt(provider)).toHaveLength(1);
  });

  test("refers to what OpenAI keeps", async () => {
    const names = ["openai-responses/reasoning-message-tool-call.sse", "openai-responses/text.sse"];
    const { it, ask } = setting(
      "responses",
      "responses",
      names.map((name) => recording(name)),
    );
    const result = streamText({ ...ask, providerOptions: {}, tools: named("get_capital") });
    expect(await result.text).toBe("The capital of France is Paris.");
    const { input } = it.bodiesAt("responses")[1] as { input: JsonObject[] };
    expect(input.map(({ type }) => type)).toContain("item_reference");
  });
});
