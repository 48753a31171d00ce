import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StandInServer, startStandIn } from "../../../../src/cli/demo/standin/server.ts";

const WEATHER = {
  type: "object",
  properties: { city: { type: "string" }, unit: { enum: ["c", "f"] }, days: { type: "integer", minimum: 2 } },
  required: ["city", "unit", "days"],
};
const WEATHER_INPUT = { city: "stand-in", unit: "c", days: 2 };

let servers: StandInServer[] = [];
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  servers = [
    await startStandIn({ provider: "openai", eventDelayMs: 0 }),
    await startStandIn({ provider: "anthropic", eventDelayMs: 0 }),
  ];
  openai = new OpenAI({ apiKey: "sk-any", baseURL: `${base(0)}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: "any", baseURL: base(1), maxRetries: 0 });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

const base = (index: number) => `http://127.0.0.1:${servers[index]?.port}`;
async function collected<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

const hello = { role: "user" as const, content: "Hello there" };

describe("OpenAI's stand-in", () => {
  test("answers whole, says what it is, and counts", async () => {
    const made = await openai.chat.completions.create({ model: "gpt-4o-mini", messages: [hello] });
    expect(made.choices[0]?.message.content).toMatch(/stand-in for OpenAI.*Hello there/);
    expect(made.choices[0]?.finish_reason).toBe("stop");
    expect(made.usage?.total_tokens).toBe(
      (made.usage?.prompt_tokens ?? 0) + (made.usage?.completion_tokens ?? 0),
    );
  });

  test("streams the same words, and usage only when asked", async () => {
    const body = { model: "gpt-4o-mini", messages: [hello], stream: true as const };
    const plain = await collected(await openai.chat.completions.create(body));
    expect(plain.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toMatch(/Hello there/);
    expect(plain.some((chunk) => chunk.usage)).toBe(false);
    expect(plain.length).toBeGreaterThan(10);
    const asked = await openai.chat.completions.create({ ...body, stream_options: { include_usage: true } });
    const last = (await collected(asked)).at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  test("calls the tools that the prompt speaks of, whole and streamed", async () => {
    const body = {
      model: "gpt-4o",
      messages: [{ role: "user", content: "What is the weather and the time?" }],
      tools: ["get_weather", "tell_time", "send_mail"].map((name) => ({
        type: "function" as const,
        function: { name, parameters: WEATHER },
      })),
    } satisfies OpenAI.ChatCompletionCreateParams;
    const whole = await openai.chat.completions.create(body);
    const streamed = await openai.chat.completions.stream(body).finalChatCompletion();
    for (const made of [whole, streamed]) {
      const calls = made.choices[0]?.message.tool_calls ?? [];
      const called = calls.flatMap((call) => (call.type === "function" ? [call.function] : []));
      expect(made.choices[0]?.finish_reason).toBe("tool_calls");
      expect(called.map(({ name }) => name)).toEqual(["get_weather", "tell_time"]);
      expect(called.map((call) => JSON.parse(call.arguments))).toEqual([WEATHER_INPUT, WEATHER_INPUT]);
    }
  });

  test("fits a JSON schema, stops at the limit and at a stop sequence", async () => {
    const schema = { name: "weather", schema: WEATHER, strict: true };
    const fitted = await openai.chat.completions.create({
      model: "gpt-4o",
      messages: [hello],
      response_format: { type: "json_schema", json_schema: schema },
    });
    expect(JSON.parse(fitted.choices[0]?.message.content ?? "")).toEqual(WEATHER_INPUT);
    const cut = await openai.chat.completions.create({
      model: "o3",
      messages: [hello],
      max_completion_tokens: 3,
    });
    expect([cut.choices[0]?.finish_reason, cut.usage?.completion_tokens]).toEqual(["length", 3]);
    const met = await openai.chat.completions.create({
      model: "gpt-4o",
      messages: [hello],
      stop: "Hello",
      n: 2,
    });
    expect(met.choices.map((choice) => choice.finish_reason)).toEqual(["stop", "stop"]);
    expect(met.choices[1]?.message.content).not.toContain("Hello");
  });

  test("raises the SDK's typed exceptions", async () => {
    const unknown = openai.chat.completions.create({ model: "claude-x", messages: [hello] });
    await expect(unknown).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const response = await fetch(`${base(0)}/v1/chat/completions`, { method: "POST", body: "{}" });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
    await expect(openai.get("/nowhere")).rejects.toMatchObject({ status: 404 });
    const models = await collected(await openai.models.list());
    expect(models.map(({ id }) => id)).toContain("gpt-4o-mini");
  });
});

describe("Anthropic's stand-in", () => {
  const body = { model: "claude-haiku-4-5", max_tokens: 200, messages: [hello] };

  test("answers whole, says what it is, and counts as count_tokens does", async () => {
    const made = await anthropic.messages.create(body);
    expect(made.content[0]).toMatchObject({
      type: "text",
      text: expect.stringMatching(/stand-in for Anthropic.*Hello there/),
    });
    expect(made.stop_reason).toBe("end_turn");
    const counted = await anthropic.messages.countTokens({ model: body.model, messages: body.messages });
    expect(made.usage.input_tokens).toBe(counted.input_tokens);
  });

  test("streams thinking with its signature, then text", async () => {
    const stream = anthropic.messages.stream({
      ...body,
      max_tokens: 2_000,
      thinking: { type: "enabled", budget_tokens: 1_024 },
    });
    const types: string[] = [];
    stream.on("streamEvent", ({ type }) => types.push(type));
    const made = await stream.finalMessage();
    expect(made.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    expect(made.content[0]).toMatchObject({ signature: expect.stringMatching(/.{20}/) });
    expect([types[0], types.at(-2), types.at(-1)]).toEqual([
      "message_start",
      "message_delta",
      "message_stop",
    ]);
    expect(made.usage.output_tokens).toBeGreaterThan(10);
  });

  test("calls the tool that is demanded, and answers with words to its result", async () => {
    const tools = [{ name: "get_weather", input_schema: { ...WEATHER, type: "object" as const } }];
    const choice = { type: "tool", name: "get_weather" } as const;
    const made = await anthropic.messages.stream({ ...body, tools, tool_choice: choice }).finalMessage();
    expect(made.stop_reason).toBe("tool_use");
    const call = made.content.find((block) => block.type === "tool_use");
    expect(call?.input).toEqual(WEATHER_INPUT);
    const next = await anthropic.messages.create({
      ...body,
      tools,
      messages: [
        hello,
        { role: "assistant", content: made.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id ?? "", content: "sunny" }] },
      ],
    });
    expect(next.content[0]).toMatchObject({ type: "text", text: expect.stringContaining("sunny") });
  });

  test("raises the SDK's typed exceptions", async () => {
    await expect(anthropic.messages.create({ ...body, model: "gpt-4o" })).rejects.toBeInstanceOf(
      Anthropic.NotFoundError,
    );
    const headers = { "x-api-key": "any", "anthropic-version": "2023-06-01" };
    const request = { method: "POST", body: JSON.stringify({ model: "claude-x", messages: [] }) };
    const refused = await fetch(`${base(1)}/v1/messages`, { ...request, headers });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: expect.stringContaining("max_tokens") },
    });
    expect((await fetch(`${base(1)}/v1/messages`, request)).status).toBe(401);
    expect((await fetch(`${base(1)}/nowhere`, { headers })).status).toBe(404);
    expect((await collected(await anthropic.models.list())).length).toBeGreaterThan(1);
  });
});
