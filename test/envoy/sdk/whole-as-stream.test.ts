/** Providers that answer a streaming request in one piece: the official SDKs get the stream that they wait for. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { json } from "../harness/upstream-answers.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => {
  await stage?.stop();
});

const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } };
const chatAnswer: JsonObject = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-2024-08-06",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "Let me see.", tool_calls: [call] },
      finish_reason: "tool_calls",
    },
  ],
  usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
};
const thinking = { type: "thinking", thinking: "Rome, then.", signature: "c2lnbmF0dXJl" };
const claudeAnswer: JsonObject = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [
    thinking,
    { type: "text", text: "Let me see." },
    { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rome" } },
  ],
  stop_reason: "tool_use",
  stop_sequence: null,
  usage: { input_tokens: 20, output_tokens: 4 },
};

const question = [{ role: "user" as const, content: "What is the weather in Rome?" }];

test.each([
  ["its own provider", "gpt-4o", 11],
  ["another's", "claude-sonnet-4-5", 20],
])("openai streams what %s answered whole", async (_, model, input) => {
  const client = stage.case({ openai: [json(chatAnswer)], claude: [json(claudeAnswer)] });
  const { data: stream, response } = await client.openai.chat.completions
    .create({ model, messages: question, stream: true, stream_options: { include_usage: true } })
    .withResponse();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  expect(deltas.map(({ content }) => content ?? "").join("")).toBe("Let me see.");
  const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
  expect(calls[0]).toMatchObject({ index: 0, function: { name: "weather" } });
  expect(JSON.parse(calls.map((piece) => piece.function?.arguments ?? "").join(""))).toEqual({
    city: "Rome",
  });
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual(["tool_calls"]);
  expect(chunks.at(-1)?.usage?.prompt_tokens).toBe(input);
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  // A whole answer's cost is known before the first event.
  expect(response.headers.get("x-tollgate-cost")).toMatch(/^0\.\d{9}$/);
});

test.each([
  ["its own provider", "claude-sonnet-4-5"],
  ["another's", "gpt-4o"],
])("anthropic streams what %s answered whole", async (_, model) => {
  const client = stage.case({ openai: [json(chatAnswer)], claude: [json(claudeAnswer)] });
  const message = await client.anthropic.messages
    .stream({ model, max_tokens: 100, messages: question })
    .finalMessage();
  const blocks = message.content.filter(({ type }) => type !== "thinking");
  expect(blocks).toMatchObject([
    { type: "text", text: "Let me see." },
    { type: "tool_use", name: "weather", input: { city: "Rome" } },
  ]);
  expect(message.stop_reason).toBe("tool_use");
  expect(message.usage.output_tokens).toBe(model === "gpt-4o" ? 3 : 4);
  if (model !== "gpt-4o") expect(message.content[0]).toMatchObject(thinking);
});

test("a large one, translated on another thread, streams as well", async () => {
  const long = "word ".repeat(200_000);
  const message = { role: "assistant", content: long };
  const answer = { ...chatAnswer, choices: [{ index: 0, message, finish_reason: "stop" }] };
  const client = stage.case({ openai: [json(answer)] });
  const said = await client.openai.chat.completions
    .stream({ model: "gpt-4o", messages: question })
    .finalContent();
  expect(said).toBe(long);
});

test("an error that came as a success raises the exception of its status", async () => {
  const error = { error: { code: 429, message: "slow down" } };
  const { openai, anthropic } = stage.case({ openai: [json(error)] });
  const asked = { model: "gpt-4o", messages: question, max_tokens: 100 };
  for (const failing of [
    () => openai.chat.completions.create(asked),
    () => openai.chat.completions.create({ ...asked, stream: true }),
    () => anthropic.messages.create(asked),
    () => anthropic.messages.stream(asked).finalMessage(),
  ])
    await expect(failing()).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining("slow down"),
    });
});
