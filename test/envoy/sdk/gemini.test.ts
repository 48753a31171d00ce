/** `@google/genai` in front of every provider, and the other SDKs in front of a scripted Gemini. */
import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import {
  ApiError,
  FunctionCallingConfigMode,
  type GenerateContentResponse,
  GoogleGenAI,
} from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { json, stream, type UpstreamAnswer } from "../harness/upstream-answers.ts";

const keys = { openai: "key-of-openai", claude: "key-of-claude", gemini: "key-of-gemini" };
const clientKey = "key-of-the-client";
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
const recordedJson = (name: string) => json(JSON.parse(fixture(name).toString()));
/** Cut where it hurts: at every 37th byte. */
const recordedStream = (name: string) => {
  const bytes = fixture(name);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 37) }, (_, index) =>
    bytes.subarray(index * 37, index * 37 + 37),
  );
  return stream(pieces);
};

let running: RunningGateway;

beforeAll(async () => {
  const route = (name: string, prefix: string) =>
    ({
      kind: "gated",
      name,
      prefix,
      policy: { strict: false },
      retry: { backOff: { baseInterval: "0.001s", maxInterval: "0.002s" } },
      defaultCluster: "gemini",
    }) as const;
  running = await gateway({
    clusters: [
      { name: "openai", credential: credential("authorization", keys.openai, "Bearer ") },
      { name: "claude", credential: credential("x-api-key", keys.claude) },
      { name: "gemini", credential: credential("x-goog-api-key", keys.gemini) },
      { name: "vertex", credential: credential("authorization", "token-of-vertex", "Bearer ") },
    ],
    policy: {
      targets: {
        openai: { provider: "openai" },
        claude: { provider: "anthropic" },
        gemini: { provider: "google" },
        vertex: { provider: "vertex", project: "acme-ai", location: "europe-west4" },
      },
      models: {
        "gpt-4o": { targets: [{ cluster: "openai" }] },
        "claude-*": { targets: [{ cluster: "claude" }] },
        "gemini-*": { targets: [{ cluster: "gemini" }] },
        "vertex-gemini": { targets: [{ cluster: "vertex", model: "gemini-2.5-pro" }] },
        "first-openai": {
          targets: [
            { cluster: "openai", model: "gpt-4o" },
            { cluster: "gemini", model: "gemini-3-pro-preview" },
          ],
          attempts: 2,
        },
      },
    },
    routes: [route("beta", "/v1beta/"), route("v1", "/v1/")],
  });
});

afterAll(async () => {
  await running?.stop();
});

function credential(header: string, value: string, prefix?: string) {
  return { header, ...(prefix !== undefined && { prefix }), secret: { from: "value" as const, value } };
}

type Cluster = "openai" | "claude" | "gemini" | "vertex";

/** Lets a provider answer, and returns what it is sent from now on. */
function script(cluster: Cluster, ...answers: UpstreamAnswer[]): () => RecordedRequest[] {
  const upstream = running.upstream(cluster);
  const before = upstream.requests.length;
  let next = 0;
  upstream.respondWith(() => answers[Math.min(next++, answers.length - 1)] ?? json({}, 418));
  return () => upstream.requests.slice(before);
}

function only(requests: RecordedRequest[]): RecordedRequest {
  expect(requests).toHaveLength(1);
  const [request] = requests;
  if (request === undefined) throw new Error("no request");
  return request;
}

const google = () =>
  new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: running.url, apiVersion: "v1beta" } });
const openai = () => new OpenAI({ apiKey: clientKey, baseURL: `${running.url}/v1`, maxRetries: 0 });
const anthropic = () => new Anthropic({ apiKey: clientKey, baseURL: running.url, maxRetries: 0 });

/** What a Google client keeps of an answer, whole or streamed. */
async function ask(
  model: string,
  isStreamed: boolean,
): Promise<{ parts: JsonObject[]; last: GenerateContentResponse }> {
  const request = {
    model,
    contents: "Weather in Paris and Tōkyō?",
    config: {
      systemInstruction: "Be brief.",
      maxOutputTokens: 2000,
      thinkingConfig: { thinkingBudget: 1024, includeThoughts: true },
      tools: [
        {
          functionDeclarations: [
            {
              name: "get_weather",
              parametersJsonSchema: {
                type: "object",
                properties: { city: { type: "string" } },
                required: ["city"],
              },
            },
          ],
        },
      ],
    },
  };
  const parts: JsonObject[] = [];
  const keep = (answer: GenerateContentResponse) => {
    for (const part of answer.candidates?.[0]?.content?.parts ?? []) parts.push(part as JsonObject);
    return answer;
  };
  if (!isStreamed) return { last: keep(await google().models.generateContent(request)), parts };
  let last: GenerateContentResponse | undefined;
  for await (const piece of await google().models.generateContentStream(request)) last = keep(piece);
  if (last === undefined) throw new Error("an empty stream");
  return { last, parts };
}

const callsOf = (parts: JsonObject[]) =>
  parts.flatMap((part) => (isObject(part["functionCall"]) ? [part["functionCall"]] : []));

describe.each([
  ["whole", false],
  ["streamed", true],
])("a Google client, %s", (_, isStreamed) => {
  test("at OpenAI", async () => {
    const sent = script(
      "openai",
      isStreamed
        ? recordedStream("openai-chat/parallel-tool-calls.sse")
        : recordedJson("openai-chat/tool-call.json"),
    );
    const { parts, last } = await ask("gpt-4o", isStreamed);
    const request = only(sent());
    expect(request.path).toBe("/v1/chat/completions");
    expect(request.headers["authorization"]).toBe(`Bearer ${keys.openai}`);
    expect(JSON.stringify(request.headers)).not.toContain(clientKey);
    expect(request.json()).toMatchObject({
      model: "gpt-4o",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Weather in Paris and Tōkyō?" },
      ],
      max_completion_tokens: 2000,
    });
    expect(callsOf(parts).map(({ name }) => name)).toEqual(
      isStreamed ? ["GetWeatherArgs", "get_stock_price"] : ["get_capital"],
    );
    expect(last.candidates?.[0]?.finishReason).toBe("STOP");
    expect(last.usageMetadata?.totalTokenCount).toBe(isStreamed ? 209 : 119);
    expect(last.modelVersion).toBe("gpt-4o");
  });

  test("at Anthropic, whose thinking comes back signed for it", async () => {
    const name = isStreamed ? "anthropic/thinking-signature.sse" : "anthropic/thinking-tool.json";
    const sent = script("claude", isStreamed ? recordedStream(name) : recordedJson(name));
    const { parts, last } = await ask("claude-sonnet-4-0", isStreamed);
    const request = only(sent());
    expect(request.path).toBe("/v1/messages");
    expect(request.headers["x-api-key"]).toBe(keys.claude);
    expect(JSON.stringify(request.headers)).not.toContain(clientKey);
    expect(request.json()).toMatchObject({ thinking: { type: "enabled", budget_tokens: 1024 } });
    const signed = parts.find((part) => typeof part["thoughtSignature"] === "string");
    expect(signed).toMatchObject({ thought: true });
    expect(last.candidates?.[0]?.finishReason).toBe("STOP");

    const again = script("claude", recordedJson("anthropic/thinking-tool-results.json"));
    const calls = callsOf(parts);
    await google().models.generateContent({
      model: "claude-sonnet-4-0",
      contents: [
        { role: "user", parts: [{ text: "Weather?" }] },
        { role: "model", parts },
        {
          role: "user",
          // Without ids, as many clients answer.
          parts:
            calls.length === 0
              ? [{ text: "And then?" }]
              : calls.map(({ name: called }) => ({
                  functionResponse: { name: String(called), response: { output: "Mexico" } },
                })),
        },
      ],
    });
    const { messages } = only(again()).json() as { messages: Array<{ content: JsonObject[] }> };
    const thinking = messages[1]?.content[0];
    expect(thinking?.["type"]).toBe("thinking");
    expect(fixture(name).toString()).toContain(String(thinking?.["signature"]));
  });

  test("at Gemini, byte for byte", async () => {
    const sent = script(
      "gemini",
      isStreamed ? recordedStream("gemini/parallel-calls.sse") : recordedJson("gemini/call-signature.json"),
    );
    const { parts } = await ask("gemini-3-flash-preview", isStreamed);
    const request = only(sent());
    const method = isStreamed ? "streamGenerateContent?alt=sse" : "generateContent";
    expect(request.path).toBe(`/v1beta/models/gemini-3-flash-preview:${method}`);
    expect(request.headers["x-goog-api-key"]).toBe(keys.gemini);
    expect(JSON.stringify(request.headers)).not.toContain(clientKey);
    expect(callsOf(parts)).toHaveLength(isStreamed ? 2 : 3);
    expect(parts.find((part) => part["functionCall"])?.["thoughtSignature"]).toMatch(/^(AY89|Es8F)/);
  });

  test("at Vertex AI", async () => {
    const sent = script(
      "vertex",
      isStreamed ? recordedStream("gemini/text-signature.sse") : recordedJson("gemini/logprobs.json"),
    );
    await ask("vertex-gemini", isStreamed);
    const request = only(sent());
    const method = isStreamed ? "streamGenerateContent?alt=sse" : "generateContent";
    expect(request.path).toBe(
      `/v1/projects/acme-ai/locations/europe-west4/publishers/google/models/gemini-2.5-pro:${method}`,
    );
    expect(request.headers["authorization"]).toBe("Bearer token-of-vertex");
    expect(request.headers["x-goog-api-key"]).toBeUndefined();
  });
});

describe("a client that does not ask for server-sent events", () => {
  const post = (model: string, query = "") =>
    fetch(`${running.url}/v1beta/models/${model}:streamGenerateContent${query}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-goog-api-key": clientKey },
      body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
    });
  /** The answer, and what it says when it is read as a whole. */
  const read = async (model: string) => {
    const response = await post(model);
    expect(response.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    return { response, text: await response.text() };
  };

  test.each([
    ["gemini-2.5-flash", "gemini", "gemini/parallel-calls.sse"],
    ["vertex-gemini", "vertex", "gemini/text-signature.sse"],
  ] as const)("gets an array of what %s said, each byte of it", async (model, cluster, name) => {
    const sent = script(cluster, recordedStream(name));
    const { response, text } = await read(model);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-tollgate-target")).toMatch(new RegExp(`^${cluster}/`));
    const payloads = fixture(name).toString().trim().split("\r\n\r\n");
    expect(text).toBe(`[${payloads.map((event) => event.slice("data: ".length)).join(",\r\n")}]`);
    expect(JSON.parse(text)).toHaveLength(payloads.length);
    expect(only(sent()).path).toMatch(/:streamGenerateContent\?alt=sse$/);
  });

  test.each([
    ["gpt-4o", "openai", "openai-chat/text.sse", "The capital of the UK is London."],
    ["claude-sonnet-4-0", "claude", "anthropic/text.sse", undefined],
  ] as const)("gets an array of what %s said, translated", async (model, cluster, name, said) => {
    script(cluster, recordedStream(name));
    const pieces = JSON.parse((await read(model)).text) as GenerateContentResponse[];
    script(cluster, recordedStream(name));
    const streamed: GenerateContentResponse[] = [];
    for await (const one of await google().models.generateContentStream({ model, contents: "hi" }))
      streamed.push(one);
    const saidIn = (list: GenerateContentResponse[]) =>
      list.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []).map(({ text }) => text);
    expect(saidIn(pieces)).toEqual(saidIn(streamed));
    expect(pieces.at(-1)?.usageMetadata).toEqual(streamed.at(-1)?.usageMetadata);
    if (said !== undefined) expect(saidIn(pieces).join("")).toBe(said);
  });

  test("is given each element when it is there", async () => {
    const events = fixture("gemini/text.sse")
      .toString()
      .split(/(?<=\r\n\r\n)/);
    script("gemini", stream([events[0] ?? "", { waitMs: 50 }, events[1] ?? ""], { end: "hang" }));
    const reader = (await post("gemini-2.5-flash")).body?.getReader();
    let text = "";
    while ((text.match(/"candidates"/g) ?? []).length < 2)
      text += Buffer.from((await reader?.read())?.value ?? "?").toString();
    expect(text).toMatch(/^\[\{/);
    expect(JSON.parse(`${text}]`)).toHaveLength(2);
    await reader?.cancel();
  });

  test.each([
    ["gemini-2.5-flash", "gemini", "gemini/overloaded-first.sse"],
    ["claude-sonnet-4-0", "claude", "anthropic/overloaded-first.sse"],
  ] as const)("gets a status for what %s says first", async (model, cluster, name) => {
    script(cluster, recordedStream(name));
    const response = await post(model);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 503, status: "UNAVAILABLE" } });
  });

  test.each([
    ["gemini-2.5-flash", "gemini", "gemini/overloaded-mid-stream.sse"],
    ["claude-sonnet-4-0", "claude", "anthropic/overloaded-mid-stream.sse"],
  ] as const)("gets the later error of %s as the last element", async (model, cluster, name) => {
    script(cluster, recordedStream(name));
    const elements = JSON.parse((await read(model)).text) as JsonObject[];
    expect(elements.length).toBeGreaterThan(1);
    expect(elements.at(-1)).toMatchObject({ error: { code: 503, status: "UNAVAILABLE" } });
  });

  test.each([
    ["gemini-2.5-flash", "gemini", "gemini/text.sse"],
    ["claude-sonnet-4-0", "claude", "anthropic/text.sse"],
  ] as const)("is left without the array's end when %s was cut", async (model, cluster, name) => {
    const bytes = fixture(name);
    script(cluster, stream([bytes.subarray(0, bytes.length / 2)]));
    const { text } = await read(model);
    expect(text).toMatch(/^\[\{/);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test("is refused other forms", async () => {
    const response = await post("gpt-4o", "?alt=proto");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 400, status: "INVALID_ARGUMENT", message: expect.stringContaining("alt=sse") },
    });
  });
});

describe("a Google client", () => {
  test("keeps the key in its query to itself", async () => {
    for (const [model, cluster, answer] of [
      ["gemini-2.5-flash", "gemini", "gemini/call.json"],
      ["gpt-4o", "openai", "openai-chat/tool-call.json"],
    ] as const) {
      const sent = script(cluster, recordedJson(answer));
      const response = await fetch(`${running.url}/v1beta/models/${model}:generateContent?key=${clientKey}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
      });
      expect(response.status).toBe(200);
      const request = only(sent());
      expect(request.path).not.toContain(clientKey);
      expect(request.path).not.toContain("?");
      expect(JSON.stringify(request.headers)).not.toContain(clientKey);
    }
  });

  test("lists models, in either version of the API", async () => {
    for (const apiVersion of ["v1", "v1beta"]) {
      const client = new GoogleGenAI({
        apiKey: clientKey,
        httpOptions: { baseUrl: running.url, apiVersion },
      });
      const names: Array<string | undefined> = [];
      for await (const model of await client.models.list()) names.push(model.name);
      expect(names).toEqual(["models/first-openai", "models/gpt-4o", "models/vertex-gemini"]);
      expect((await client.models.get({ model: "gemini-2.5-flash" })).name).toBe("models/gemini-2.5-flash");
    }
  });

  test("counts tokens past the gateway", async () => {
    const sent = script("gemini", json({ totalTokens: 3 }));
    const counted = await google().models.countTokens({ model: "gemini-2.5-flash", contents: "hi" });
    expect(counted.totalTokens).toBe(3);
    expect(only(sent()).path).toBe("/v1beta/models/gemini-2.5-flash:countTokens");
  });

  test("sees another provider's errors as Google's", async () => {
    script(
      "claude",
      json({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, 529),
    );
    const failure = await ask("claude-sonnet-4-0", false).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 503, message: expect.stringContaining("Overloaded") });
  });

  test("sees an error in the midst of a stream", async () => {
    script("claude", recordedStream("anthropic/overloaded-mid-stream.sse"));
    const failure = await ask("claude-sonnet-4-0", true).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 503 });
  });

  test("chats, with the pieces of a streamed answer in its history", async () => {
    const sent = script(
      "openai",
      recordedStream("openai-chat/text.sse"),
      recordedStream("openai-chat/text.sse"),
    );
    const chat = google().chats.create({ model: "gpt-4o" });
    for (const message of ["The capital of the UK?", "Again?"]) {
      for await (const piece of await chat.sendMessageStream({ message }))
        expect(piece.candidates).toBeDefined();
    }
    expect(sent()[1]?.json()).toMatchObject({
      messages: [
        { role: "user", content: "The capital of the UK?" },
        { role: "assistant", content: "The capital of the UK is London." },
        { role: "user", content: "Again?" },
      ],
    });
  });

  test("forces a function by name", async () => {
    const sent = script("openai", recordedJson("openai-chat/tool-call.json"));
    await google().models.generateContent({
      model: "gpt-4o",
      contents: "go",
      config: {
        tools: [{ functionDeclarations: [{ name: "get_capital" }, { name: "other" }] }],
        toolConfig: {
          functionCallingConfig: {
            mode: FunctionCallingConfigMode.ANY,
            allowedFunctionNames: ["get_capital"],
          },
        },
      },
    });
    expect(only(sent()).json()).toMatchObject({
      tool_choice: { type: "function", function: { name: "get_capital" } },
    });
  });
});

describe.each([
  ["whole", false],
  ["streamed", true],
])("at Gemini, %s", (_, isStreamed) => {
  const calling = () =>
    isStreamed ? recordedStream("gemini/parallel-calls.sse") : recordedJson("gemini/call-signature.json");
  const signature = isStreamed ? /^AY89/ : /^Es8F/;

  test("an OpenAI client takes signed calls back to Gemini", async () => {
    const sent = script("gemini", calling(), recordedJson("gemini/call-results.json"));
    const tools = [
      { type: "function" as const, function: { name: "get_weather", parameters: { type: "object" } } },
    ];
    const question = { role: "user" as const, content: "Weather?" };
    const request = { model: "gemini-3-flash-preview", tools, messages: [question] };
    const answer = isStreamed
      ? await openai().chat.completions.stream(request).finalChatCompletion()
      : await openai().chat.completions.create(request);
    const said = answer.choices[0]?.message;
    if (said === undefined) throw new Error("no message");
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
    const calls = said.tool_calls ?? [];
    expect(new Set(calls.map(({ id }) => id)).size).toBe(isStreamed ? 2 : 3);
    await openai().chat.completions.create({
      ...request,
      messages: [
        question,
        said,
        ...calls.map(({ id }) => ({ role: "tool" as const, tool_call_id: id, content: "sunny" })),
      ],
    });
    expectSignedHistory(sent()[1], calls.length, signature);
  });

  test("an Anthropic client takes signed calls back to Gemini", async () => {
    const sent = script("gemini", calling(), recordedJson("gemini/call-results.json"));
    const tools = [{ name: "get_weather", input_schema: { type: "object" as const } }];
    const question = { role: "user" as const, content: "Weather?" };
    const request = { model: "gemini-3-flash-preview", max_tokens: 2000, tools, messages: [question] };
    const answer = isStreamed
      ? await anthropic().messages.stream(request).finalMessage()
      : await anthropic().messages.create(request);
    expect(answer.stop_reason).toBe("tool_use");
    const calls = answer.content.filter((block) => block.type === "tool_use");
    await anthropic().messages.create({
      ...request,
      messages: [
        question,
        { role: "assistant", content: answer.content },
        {
          role: "user",
          // In another order than the calls: Gemini gets them in theirs.
          content: calls
            .map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: "sunny" }))
            .reverse(),
        },
      ],
    });
    expectSignedHistory(sent()[1], calls.length, signature);
  });
});

function expectSignedHistory(request: RecordedRequest | undefined, calls: number, signature: RegExp): void {
  if (request === undefined) throw new Error("no second request");
  const { contents } = request.json() as { contents: Array<{ role: string; parts: JsonObject[] }> };
  expect(contents.map(({ role }) => role)).toEqual(["user", "model", "user"]);
  const called = contents[1]?.parts.filter((part) => part["functionCall"] !== undefined) ?? [];
  const responses = contents[2]?.parts ?? [];
  expect(called).toHaveLength(calls);
  expect(called[0]?.["thoughtSignature"]).toMatch(signature);
  expect(called.slice(1).map((part) => part["thoughtSignature"])).toEqual(
    called.slice(1).map(() => undefined),
  );
  const ids = (parts: JsonObject[], member: string) =>
    parts.map((part) => (part[member] as JsonObject)["id"]);
  expect(ids(responses, "functionResponse")).toEqual(ids(called, "functionCall"));
  expect(responses[0]).toMatchObject({ functionResponse: { response: { output: "sunny" } } });
}

describe("at Gemini", () => {
  test("an OpenAI client is told how long to wait", async () => {
    script("gemini", json(JSON.parse(fixture("gemini/error-quota.json").toString()), 429));
    const failure = await openai()
      .chat.completions.create({ model: "gemini-2.5-flash", messages: [{ role: "user", content: "hi" }] })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
    expect((failure as InstanceType<typeof OpenAI.RateLimitError>).headers?.get("retry-after")).toBe("35");
  });

  test("an Anthropic client sees a blocked prompt as a refusal", async () => {
    script("gemini", recordedStream("gemini/blocked-prompt.sse"));
    const answer = await anthropic()
      .messages.stream({
        model: "gemini-2.5-flash",
        max_tokens: 100,
        messages: [{ role: "user", content: "hi" }],
      })
      .finalMessage();
    expect(answer.stop_reason).toBe("refusal");
  });

  test("a stream that is cut is no clean end", async () => {
    const whole = fixture("gemini/text.sse").toString();
    script("gemini", stream([whole.slice(0, whole.indexOf("\r\n\r\n") + 4)]));
    const streamed = await openai().chat.completions.create({
      model: "gemini-2.5-flash",
      stream: true,
      messages: [{ role: "user", content: "hi" }],
    });
    await expect(async () => {
      for await (const chunk of streamed) expect(chunk.choices[0]?.finish_reason ?? null).toBeNull();
    }).rejects.toThrow();
  });

  test("takes over a history with calls that OpenAI made", async () => {
    script("openai", json({ error: { message: "down" } }, 503));
    const sent = script("gemini", recordedJson("gemini/text-signature.json"));
    const answer = await openai().chat.completions.create({
      model: "first-openai",
      tools: [
        { type: "function", function: { name: "now", parameters: { type: "object", properties: {} } } },
      ],
      messages: [
        { role: "user", content: "What time is it?" },
        {
          role: "assistant",
          tool_calls: [{ id: "call_1", type: "function", function: { name: "now", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "call_1", content: '{"time":"12:00"}' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe("4");
    const request = only(sent());
    expect(request.path).toBe("/v1beta/models/gemini-3-pro-preview:generateContent");
    expect(JSON.stringify(request.headers)).not.toContain("key-of-openai");
    expect(request.json()).toMatchObject({
      contents: [
        { role: "user" },
        {
          role: "model",
          parts: [{ functionCall: { name: "now" }, thoughtSignature: "skip_thought_signature_validator" }],
        },
        { role: "user", parts: [{ functionResponse: { name: "now", response: { time: "12:00" } } }] },
      ],
    });
  });
});
