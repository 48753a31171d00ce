/** What goes in and comes out of Vercel's AI SDK beside text: objects, pictures, documents, settings, endings. */
import { generateObject, generateText, jsonSchema, Output, streamObject, streamText } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, type Saying, type Spoken, spoken, usageOfAll } from "./vercel-answers.ts";
import { aliasOf, type Client, clients, startVercelStage, type VercelStage } from "./vercel-stage.ts";

let stage: VercelStage;
beforeAll(async () => {
  stage = await startVercelStage();
});
afterAll(async () => {
  await stage?.stop();
});

/** Whose model each client believes to ask: its own provider's, as an application that is moved would name it. */
const own = { chat: "openai", responses: "responses", anthropic: "claude", google: "gemini" } as const;
const pairs = clients.flatMap((client) => spoken.map((provider) => ({ client, provider })));

/** One call at a provider that says this. @param name of the model; of the client's own provider unless given */
function setting(client: Client, provider: Spoken, saying: Saying, isStreamed: boolean, name?: string) {
  const it = stage.case({ [provider]: [answerOf(provider, saying, isStreamed)] });
  const model = it.model(client, name ?? aliasOf(own[client], provider));
  const sent = () => it.bodiesAt(provider)[0] ?? {};
  const lossy = ({ headers }: { headers?: Record<string, string> | undefined }) =>
    headers?.["x-tollgate-lossy"] ?? "";
  return { ask: { model, maxRetries: 0, maxOutputTokens: 777 }, sent, lossy };
}

interface Person {
  readonly name: string;
  readonly age: number | null;
  readonly tags: readonly string[];
}
const schema = jsonSchema<Person>({
  type: "object",
  properties: {
    name: { type: "string", description: "In any script" },
    age: { type: ["integer", "null"] },
    tags: { type: "array", items: { type: "string", enum: ["a", "b"] } },
  },
  required: ["name", "age", "tags"],
  additionalProperties: false,
});
const ada: Person = { name: "Ada Löve", age: null, tags: ["a"] };
const said = { text: JSON.stringify(ada) };
const usage = {
  inputTokens: usageOfAll.input,
  cachedInputTokens: usageOfAll.cached,
  outputTokens: usageOfAll.output,
  totalTokens: usageOfAll.input + usageOfAll.output,
};

describe("an object", () => {
  const properties = { name: expect.anything(), age: expect.anything(), tags: expect.anything() };
  const required = ["name", "age", "tags"];
  /** The schema where each provider looks for it, all of it. */
  const asked = {
    openai: { response_format: { type: "json_schema", json_schema: { schema: { properties, required } } } },
    claude: {
      output_config: {
        format: { type: "json_schema", schema: { properties, required, additionalProperties: false } },
      },
    },
    gemini: {
      generationConfig: { responseMimeType: "application/json", responseSchema: { properties, required } },
    },
  };
  const shape = { schema, schemaName: "person", schemaDescription: "A person.", prompt: "Who?" };

  test.each(pairs)("is made: $client at $provider", async ({ client, provider }) => {
    const { ask, sent } = setting(client, provider, said, false);
    const made = await generateObject({ ...ask, ...shape });
    expect(made).toMatchObject({ object: ada, finishReason: "stop", usage, warnings: [] });
    expect(sent()).toMatchObject(asked[provider]);
  });

  test.each(pairs)("is made by parts: $client at $provider", async ({ client, provider }) => {
    const { ask, sent } = setting(client, provider, said, true);
    const made = streamObject({ ...ask, ...shape });
    const parts: unknown[] = [];
    for await (const part of made.partialObjectStream) parts.push(part);
    expect(parts.at(-1)).toEqual(ada);
    expect(await made.object).toEqual(ada);
    expect(await made.usage).toMatchObject(usage);
    expect(sent()).toMatchObject(asked[provider]);
  });

  test.each(pairs)("is an output of a text: $client at $provider", async ({ client, provider }) => {
    const { ask, sent } = setting(client, provider, said, false);
    const { output } = await generateText({ ...ask, prompt: "Who?", output: Output.object({ schema }) });
    expect(output).toEqual(ada);
    expect(sent()).toMatchObject(asked[provider]);
  });

  test.each(pairs)("of no schema is one all the same: $client at $provider", async ({ client, provider }) => {
    // The SDK's Anthropic has no such mode, and asks in words.
    const { ask, sent } = setting(client, provider, said, false);
    const { object } = await generateObject({ ...ask, prompt: "Who? As JSON.", output: "no-schema" });
    expect(object).toEqual(ada);
    if (client === "anthropic") return;
    const free = {
      openai: { response_format: { type: "json_object" } },
      claude: { messages: [{ content: expect.stringContaining("JSON") }] },
      gemini: { generationConfig: { responseMimeType: "application/json" } },
    };
    expect(sent()).toMatchObject(free[provider]);
  });

  // Where the SDK does not know the model as one of Claude's, it asks for a call of a tool of its own.
  test.each([
    ["openai", "gpt-4o", false],
    ["openai", "gpt-4o", true],
    ["gemini", "gemini-2.5-flash", false],
    ["gemini", "gemini-2.5-flash", true],
  ] as const)("is a call: anthropic at %s for %s, streamed: %s", async (provider, name, isStreamed) => {
    const calls = [{ id: "call_1", name: "json", input: { ...ada, tags: ["a"] } }];
    const { ask, sent } = setting("anthropic", provider, { calls }, isStreamed, name);
    if (isStreamed) {
      const made = streamObject({ ...ask, ...shape });
      const parts: unknown[] = [];
      for await (const part of made.partialObjectStream) parts.push(part);
      expect(parts.at(-1)).toEqual(ada);
    } else expect((await generateObject({ ...ask, ...shape })).object).toEqual(ada);
    const forced = {
      openai: {
        tool_choice: "required",
        parallel_tool_calls: false,
        tools: [{ function: { name: "json" } }],
      },
      gemini: {
        toolConfig: { functionCallingConfig: { mode: "ANY" } },
        tools: [{ functionDeclarations: [{ name: "json", parameters: { properties, required } }] }],
      },
    };
    expect(sent()).toMatchObject(forced[provider]);
  });
});

describe("pictures and documents", () => {
  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const pdf = Buffer.from("%PDF-1.4 ünlesbar");
  const url = "https://example.com/a.png";
  const content = [
    { type: "text" as const, text: "What is it?" },
    { type: "image" as const, image: Buffer.from(png, "base64") },
    { type: "file" as const, data: pdf, mediaType: "application/pdf", filename: "a.pdf" },
  ];
  const linked = { type: "image" as const, image: new URL(url), mediaType: "image/png" };
  const data = pdf.toString("base64");
  const shown = {
    openai: [
      { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
      { type: "file", file: { file_data: `data:application/pdf;base64,${data}` } },
    ],
    claude: [
      { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data } },
    ],
    gemini: [
      { inlineData: { mimeType: "image/png", data: png } },
      { inlineData: { mimeType: "application/pdf", data } },
    ],
  };
  const link = {
    openai: { type: "image_url", image_url: { url } },
    claude: { type: "image", source: { type: "url", url } },
    gemini: { fileData: { mimeType: "image/png", fileUri: url } },
  };
  const partsAt = (provider: Spoken, body: object) => {
    const { contents, messages } = body as {
      contents?: Array<{ parts: unknown[] }>;
      messages?: Array<{ content: unknown[] }>;
    };
    return provider === "gemini" ? contents?.[0]?.parts : messages?.[0]?.content;
  };

  test.each(pairs)("are seen: $client at $provider", async ({ client, provider }) => {
    const { ask, sent, lossy } = setting(client, provider, { text: "Seen." }, true);
    // The SDK fetches links by itself for a Gemini that it does not take for one that follows them.
    const all = client === "google" ? content : [...content, linked];
    const result = streamText({ ...ask, messages: [{ role: "user", content: all }] });
    expect(await result.text).toBe("Seen.");
    const parts = partsAt(provider, sent());
    expect(parts).toHaveLength(all.length);
    expect(parts).toMatchObject([
      expect.objectContaining({ text: "What is it?" }),
      ...shown[provider],
      ...(client === "google" ? [] : [link[provider]]),
    ]);
    // Gemini has no place for the name of a file.
    if (provider !== "gemini") expect(lossy(await result.response)).toBe("");
  });
});

describe("settings", () => {
  const settings = { temperature: 0.25, topK: 5, stopSequences: ["END"], seed: 7 };
  const taken: Record<Spoken, Record<Client, object>> = {
    openai: {
      chat: { temperature: 0.25, stop: ["END"], seed: 7, max_completion_tokens: 777 },
      responses: { temperature: 0.25, max_completion_tokens: 777 },
      anthropic: { temperature: 0.25, stop: ["END"], max_completion_tokens: 777 },
      google: { temperature: 0.25, stop: ["END"], seed: 7, max_completion_tokens: 777 },
    },
    claude: {
      chat: { temperature: 0.25, stop_sequences: ["END"], max_tokens: 777 },
      responses: { temperature: 0.25, max_tokens: 777 },
      anthropic: { temperature: 0.25, top_k: 5, stop_sequences: ["END"], max_tokens: 777 },
      google: { temperature: 0.25, top_k: 5, stop_sequences: ["END"], max_tokens: 777 },
    },
    gemini: {
      chat: {
        generationConfig: { temperature: 0.25, stopSequences: ["END"], seed: 7, maxOutputTokens: 777 },
      },
      responses: { generationConfig: { temperature: 0.25, maxOutputTokens: 777 } },
      anthropic: {
        generationConfig: { temperature: 0.25, topK: 5, stopSequences: ["END"], maxOutputTokens: 777 },
      },
      google: {
        generationConfig: {
          temperature: 0.25,
          topK: 5,
          stopSequences: ["END"],
          seed: 7,
          maxOutputTokens: 777,
        },
      },
    },
  };
  /** What the SDK hands over and the provider cannot take; what the SDK drops by itself is in its warnings. */
  const lost: Record<Spoken, Record<Client, string>> = {
    openai: { chat: "", responses: "", anthropic: "top_k", google: "generationConfig.topK" },
    claude: { chat: "seed", responses: "", anthropic: "", google: "generationConfig.seed" },
    gemini: { chat: "", responses: "", anthropic: "", google: "" },
  };

  test.each(pairs)("arrive or are named: $client at $provider", async ({ client, provider }) => {
    const like = client === "responses" ? "openai" : own[client];
    const name = aliasOf(like, provider);
    const { ask, sent, lossy } = setting(client, provider, { text: "Hi." }, false, name);
    const { response } = await generateText({ ...ask, ...settings, prompt: "Hi?" });
    const expected = taken[provider][client];
    // The chat client words its limit as it always has, and its own provider gets its bytes.
    const isOwn = client === "chat" && provider === "openai";
    expect(sent()).toMatchObject(
      isOwn ? { temperature: 0.25, stop: ["END"], seed: 7, max_tokens: 777 } : expected,
    );
    expect(lossy(response)).toBe(lost[provider][client]);
  });

  test.each(["openai", "gemini"] as const)(
    "of caches are named where they mean nothing: %s",
    async (provider) => {
      const { ask, lossy } = setting("anthropic", provider, { text: "Hi." }, false);
      const providerOptions = { anthropic: { cacheControl: { type: "ephemeral" } } };
      const { response } = await generateText({
        ...ask,
        messages: [{ role: "user", content: [{ type: "text", text: "Hi?", providerOptions }] }],
      });
      expect(lossy(response)).toBe("messages[0].content[0].cache_control");
    },
  );
});

describe("an ending", () => {
  test.each(
    pairs.flatMap((pair) =>
      (["stop", "length", "refusal"] as const).flatMap((finish) =>
        [false, true].map((isStreamed) => ({ ...pair, finish, isStreamed })),
      ),
    ),
  )(
    "$finish: $client at $provider, streamed: $isStreamed",
    async ({ client, provider, finish, isStreamed }) => {
      const { ask } = setting(client, provider, { text: "Ünd", finish }, isStreamed);
      const request = { ...ask, prompt: "Hi?" };
      const result = isStreamed ? streamText(request) : await generateText(request);
      expect(await result.text).toBe("Ünd");
      expect(await result.finishReason).toBe(finish === "refusal" ? "content-filter" : finish);
      expect(await result.usage).toMatchObject(usage);
      expect((await result.response).modelId).toMatch(/gpt|claude|gemini/);
    },
  );
});
