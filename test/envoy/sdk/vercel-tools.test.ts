/** Loops of tools in Vercel's AI SDK: a recorded call, what the application makes of it, a recorded answer. */
import { generateText, jsonSchema, type StepResult, stepCountIs, streamText, type ToolSet, tool } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { recording } from "./recordings.ts";
import { answerOf, spoken } from "./vercel-answers.ts";
import { historyAt } from "./vercel-history.ts";
import {
  aliasOf,
  type Client,
  clients,
  type Provider,
  providerNames,
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

interface Loop {
  /** Recorded: an answer with calls, and one that is the last. */
  readonly answers: readonly [string, string];
  readonly calls: ReadonlyArray<readonly [name: string, input: JsonObject]>;
  readonly text: RegExp;
  /** Of both together: input, of which cached, output. */
  readonly usage: readonly [number, number, number];
}

const whole: Readonly<Record<Provider, Loop>> = {
  openai: {
    answers: ["openai-chat/tool-call.json", "openai-chat/reasoning.json"],
    calls: [["get_capital", { country: "England" }]],
    text: /^Hello there!/,
    usage: [111, 0, 102],
  },
  responses: {
    answers: ["openai-responses/encrypted-reasoning-tool.json", "openai-responses/tool-call-results.json"],
    calls: [["get_meaning_of_life", {}]],
    text: /Potato City/,
    usage: [107, 0, 159],
  },
  claude: {
    answers: ["anthropic/parallel-tools.json", "anthropic/parallel-tools-results.json"],
    calls: ["Alice", "Bob", "Charlie", "Daisy"].map((name) => ["retrieve_entity_info", { name }]),
    text: /Daisy is the youngest/,
    usage: [1194, 0, 279],
  },
  gemini: {
    answers: ["gemini/call-signature.json", "gemini/text-signature.json"],
    calls: [1, 2, 3].map(() => ["generate_topic", {}]),
    text: /^4$/,
    usage: [98, 0, 293],
  },
};

const streamed: Readonly<Record<Provider, Loop>> = {
  openai: {
    answers: ["openai-chat/parallel-tool-calls.sse", "openai-chat/text.sse"],
    calls: [
      ["GetWeatherArgs", { city: "Edinburgh", country: "GB", units: "c" }],
      ["get_stock_price", { ticker: "AAPL", exchange: "NASDAQ" }],
    ],
    text: /^The capital of the UK is London\.$/,
    usage: [227, 0, 69],
  },
  responses: {
    answers: ["openai-responses/reasoning-message-tool-call.sse", "openai-responses/text.sse"],
    calls: [["get_capital", { country: "PotatoLand" }]],
    text: /^The capital of France is Paris\.$/,
    usage: [341, 0, 78],
  },
  claude: {
    answers: ["anthropic/parallel-tools.sse", "anthropic/text.sse"],
    calls: ["Alice", "Bob", "Charlie"].map((name) => ["retrieve_entity_info", { name }]),
    text: /^Hello! I'm doing well/,
    usage: [435, 0, 232],
  },
  gemini: {
    answers: ["gemini/parallel-calls.sse", "gemini/text.sse"],
    calls: ["Paris", "Tōkyō"].map((city) => ["get_weather", { city }]),
    text: /^The capital of Mexico is Mexico City\.$/,
    usage: [338, 32, 103],
  },
};

const parameters = jsonSchema<JsonObject>({ type: "object", additionalProperties: true });
/** What every tool returns; beyond ASCII. */
const resultOf = (name: string, input: JsonObject) => ({ said: `✓ ${name}`, input });

/** Tools of those names, which note what they are called with. */
function toolsFor(calls: Loop["calls"]) {
  const called: Array<readonly [string, JsonObject]> = [];
  const tools: ToolSet = Object.fromEntries(
    calls.map(([name]) => {
      const execute = async (input: JsonObject) => {
        called.push([name, input]);
        return resultOf(name, input);
      };
      return [name, tool({ description: `Does ${name}.`, inputSchema: parameters, execute })];
    }),
  );
  return { tools, called };
}

/** Only so does the SDK send what was said, instead of its id. */
const unkept = { openai: { store: false } };

function ask(client: Client, provider: Provider, loop: Loop) {
  const it = stage.case({ [provider]: loop.answers.map((name) => recording(name)) });
  const { tools, called } = toolsFor(loop.calls);
  const request = {
    model: it.model(client, providers[provider].model),
    maxRetries: 0,
    system: "Be brief.",
    prompt: "Go on, Zoë.",
    tools,
    stopWhen: stepCountIs(3),
    maxOutputTokens: 999,
    providerOptions: unkept,
  };
  return { it, request, called };
}

/** What each provider must find in every request of the loop. */
const asked: Readonly<Record<Provider, object>> = {
  openai: {
    model: "gpt-4o",
    messages: expect.arrayContaining([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Go on, Zoë." },
    ]),
    tool_choice: "auto",
  },
  responses: { model: "gpt-5.1", max_output_tokens: 999, store: false, tool_choice: "auto" },
  claude: { model: "claude-sonnet-4-5", max_tokens: 999, tool_choice: { type: "auto" } },
  gemini: {
    systemInstruction: { parts: [{ text: "Be brief." }] },
    generationConfig: { maxOutputTokens: 999 },
    toolConfig: { functionCallingConfig: { mode: "AUTO" } },
  },
};

interface Outcome {
  readonly steps: ReadonlyArray<StepResult<ToolSet>>;
  readonly text: string;
  readonly finishReason: string;
  readonly totalUsage: { inputTokens?: unknown; cachedInputTokens?: unknown; outputTokens?: unknown };
}

function expectLoop(outcome: Outcome, loop: Loop): void {
  const [first, last] = outcome.steps;
  expect(outcome.steps).toHaveLength(2);
  expect(first?.toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual(loop.calls);
  expect(first?.toolResults.map(({ output }) => output)).toEqual(loop.calls.map((call) => resultOf(...call)));
  expect([first?.finishReason, last?.finishReason]).toEqual(["tool-calls", "stop"]);
  expect(outcome.steps.map(({ warnings }) => warnings)).toEqual([[], []]);
  expect(outcome.text).toMatch(loop.text);
  expect(outcome.finishReason).toBe("stop");
  const { inputTokens, cachedInputTokens, outputTokens } = outcome.totalUsage;
  expect([inputTokens, cachedInputTokens ?? 0, outputTokens]).toEqual(loop.usage);
  // An empty part is none: it would be sent back in the next turn.
  const texts = outcome.steps.flatMap(({ content }) => content.filter(({ type }) => type === "text"));
  expect(texts.filter((part) => part.type === "text" && part.text === "")).toEqual([]);
}

/** The second request holds the calls as they were answered, each with the result that belongs to it. */
function expectHistory(client: Client, provider: Provider, loop: Loop, bodies: JsonObject[]): void {
  expect(bodies).toHaveLength(2);
  for (const body of bodies) expect(body).toMatchObject(asked[provider]);
  const { calls, results } = historyAt(provider, bodies[1] ?? {});
  expect(calls.map(({ name, input }) => [name, input])).toEqual(loop.calls);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(loop.calls.length);
  expect(results.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
  const outputs = loop.calls.map(([name, input]) => {
    const output = resultOf(name, input);
    // So the SDK words what it tells a Gemini.
    return client === "google" ? { name, content: output } : output;
  });
  expect(results.map(({ output }) => output)).toEqual(outputs);
}

const pairs = clients.flatMap((client) => providerNames.map((provider) => ({ client, provider })));

describe("a recorded loop of tools", () => {
  test.each(pairs)("$client at $provider, whole", async ({ client, provider }) => {
    const loop = whole[provider];
    const { it, request, called } = ask(client, provider, loop);
    const result = await generateText(request);
    expect(called).toEqual(loop.calls);
    expectLoop(result, loop);
    expectHistory(client, provider, loop, it.bodiesAt(provider));
  });

  test.each(pairs)("$client at $provider, streamed", async ({ client, provider }) => {
    const loop = streamed[provider];
    const { it, request, called } = ask(client, provider, loop);
    const errors: unknown[] = [];
    const result = streamText({ ...request, onError: ({ error }) => void errors.push(error) });
    const streamedInputs = new Map<string, string>();
    let text = "";
    for await (const part of result.fullStream) {
      if (part.type === "text-delta") text += part.text;
      if (part.type === "tool-input-delta")
        streamedInputs.set(part.id, (streamedInputs.get(part.id) ?? "") + part.delta);
    }
    expect(errors).toEqual([]);
    expect(called).toEqual(loop.calls);
    const [steps, finishReason, totalUsage] = [result.steps, result.finishReason, result.totalUsage];
    const all = await steps;
    expectLoop(
      { steps: all, text: await result.text, finishReason: await finishReason, totalUsage: await totalUsage },
      loop,
    );
    expect(text).toBe(all.map((step) => step.text).join(""));
    for (const { toolCallId, input } of all[0]?.toolCalls ?? [])
      expect(JSON.parse(streamedInputs.get(toolCallId) ?? "")).toEqual(input);
    expectHistory(client, provider, loop, it.bodiesAt(provider));
  });
});

const weather = tool({
  description: "Tells the weather.",
  inputSchema: jsonSchema<{ city: string }>({
    type: "object",
    properties: { city: { type: "string", description: "In any script" } },
    required: ["city"],
    additionalProperties: false,
  }),
  execute: async ({ city }) => ({ city, degrees: 20 }),
});
const call = { id: "toolu_1", name: "weather", input: { city: "Tōkyō" } };

describe("tools", () => {
  const chosen = {
    openai: { tool_choice: { type: "function", function: { name: "weather" } } },
    claude: { tool_choice: { type: "tool", name: "weather" } },
    gemini: { toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["weather"] } } },
  };
  const required = {
    openai: { tool_choice: "required" },
    claude: { tool_choice: { type: "any" } },
    gemini: { toolConfig: { functionCallingConfig: { mode: "ANY" } } },
  };
  const none = {
    openai: { tool_choice: "none" },
    claude: { tool_choice: { type: "none" } },
    gemini: { toolConfig: { functionCallingConfig: { mode: "NONE" } } },
  };
  const atSpoken = clients.flatMap((client) => spoken.map((provider) => ({ client, provider })));

  test.each(atSpoken)("are chosen: $client at $provider", async ({ client, provider }) => {
    const it = stage.case({
      [provider]: [{ calls: [call] }, { calls: [call] }, { text: "No." }].map((saying) =>
        answerOf(provider, saying, false),
      ),
    });
    const request = {
      model: it.model(client, providers[provider].model),
      maxRetries: 0,
      maxOutputTokens: 999,
      prompt: "?",
      tools: { weather },
    };
    await generateText({ ...request, toolChoice: { type: "tool", toolName: "weather" } });
    await generateText({ ...request, toolChoice: "required" });
    const { text } = await generateText({ ...request, toolChoice: "none" });
    expect(text).toBe("No.");
    const bodies = it.bodiesAt(provider);
    expect(bodies).toMatchObject([chosen[provider], required[provider], none[provider]]);
  });

  test.each(atSpoken)("are held to their schema: $client at $provider", async ({ client, provider }) => {
    const it = stage.case({ [provider]: [answerOf(provider, { calls: [call] }, false)] });
    const { response } = await generateText({
      model: it.model(client, aliasOf(client === "anthropic" ? "claude" : "openai", provider)),
      maxRetries: 0,
      maxOutputTokens: 999,
      prompt: "?",
      tools: { weather: { ...weather, strict: true } },
    });
    // As the SDK writes a schema for Gemini, OpenAI cannot hold anybody to it; Claude can once it is closed.
    const isOpen = client === "google";
    const strict = {
      openai: { tools: [{ function: { name: "weather", ...(!isOpen && { strict: true }) } }] },
      claude: { tools: [{ name: "weather", strict: true, input_schema: { additionalProperties: false } }] },
      gemini: { toolConfig: { functionCallingConfig: { mode: "VALIDATED" } } },
    };
    expect(it.bodiesAt(provider)[0]).toMatchObject(strict[provider]);
    if (isOpen && provider === "openai")
      expect(JSON.stringify(it.bodiesAt(provider)[0])).not.toContain('"strict"');
    const lossy = response.headers?.["x-tollgate-lossy"] ?? "";
    const isLoss = isOpen && provider !== "gemini";
    expect(lossy).toBe(isLoss ? "tools[0].functionDeclarations[0].strict" : "");
  });

  test.each(atSpoken)("that fail tell the model so: $client at $provider", async ({ client, provider }) => {
    const it = stage.case({
      [provider]: [{ calls: [call] }, { text: "Pity." }].map((saying) => answerOf(provider, saying, true)),
    });
    const execute = async (): Promise<JsonObject> => {
      throw new Error("no luck in Tōkyō");
    };
    const result = streamText({
      model: it.model(client, providers[provider].model),
      maxRetries: 0,
      maxOutputTokens: 999,
      prompt: "?",
      tools: { weather: tool({ inputSchema: parameters, execute }) },
      stopWhen: stepCountIs(2),
      providerOptions: unkept,
    });
    expect(await result.text).toBe("Pity.");
    expect(JSON.stringify(it.bodiesAt(provider)[1])).toContain("no luck in Tōkyō");
  });

  test.each(
    // The chat API has no place for images in results, nor has Gemini before its third generation.
    atSpoken.filter(({ client }) => client === "responses" || client === "anthropic"),
  )("return images: $client at $provider", async ({ client, provider }) => {
    const it = stage.case({
      [provider]: [{ calls: [call] }, { text: "Seen." }].map((saying) => answerOf(provider, saying, false)),
    });
    const data = "iVBORw0KGgo=";
    const { text } = await generateText({
      model: it.model(client, providers[provider].model),
      maxRetries: 0,
      maxOutputTokens: 999,
      prompt: "?",
      tools: {
        weather: tool({
          inputSchema: parameters,
          execute: async () => "a picture",
          toModelOutput: () => ({
            type: "content",
            value: [
              { type: "text", text: "Here:" },
              { type: "image-data", data, mediaType: "image/png" },
            ],
          }),
        }),
      },
      stopWhen: stepCountIs(2),
      providerOptions: unkept,
    });
    expect(text).toBe("Seen.");
    const shown = {
      openai: { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } },
      claude: { type: "image", source: { type: "base64", media_type: "image/png", data } },
      gemini: { inlineData: { mimeType: "image/png", data } },
    };
    const body = JSON.stringify(it.bodiesAt(provider)[1]);
    expect(body).toContain("Here:");
    expect(body).toContain(JSON.stringify(shown[provider]));
  });
});
