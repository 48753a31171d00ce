/** Prompts by the official SDK: as they are where there is an endpoint for them, as a message everywhere else. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { stream as eventStream, json } from "../harness/upstream-answers.ts";
import { type Stage, startStage } from "./stage.ts";
import { message, streamed, whole } from "./whole-and-streamed.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(async () => {
  await stage?.stop();
});

const completion = {
  id: "cmpl-1",
  object: "text_completion",
  created: 1_760_000_000,
  model: "gpt-3.5-turbo-instruct:20230824-v2",
  choices: [{ text: " Paris", index: 0, logprobs: null, finish_reason: "stop" }],
  usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
};
const prompt = "The capital of France is";

describe("at OpenAI's own endpoint for prompts", () => {
  const model = "gpt-3.5-turbo-instruct";

  test("several prompts, whole", async () => {
    const { openai, sentTo } = stage.case({ openai: [json(completion)] });
    const { data, response } = await openai.completions
      .create({ model, prompt: [prompt, "The capital of Spain is"], echo: true })
      .withResponse();
    expect(data.choices[0]?.text).toBe(" Paris");
    expect(response.headers.get("x-tollgate-target")).toBe(`openai/${model}`);
    expect(response.headers.get("x-tollgate-cost")).toMatch(/^0\.0000\d+$/);
    const [sent] = sentTo("openai");
    expect(sent?.path).toBe("/v1/completions");
    expect(sent?.json()).toEqual({ model, prompt: [prompt, "The capital of Spain is"], echo: true });
  });

  test("streamed, without the usage that only we asked for", async () => {
    const chunk = (more: JsonObject) =>
      `data: ${JSON.stringify({ ...completion, usage: null, ...more })}\n\n`;
    const last = chunk({ choices: [], usage: completion.usage });
    const { openai, sentTo } = stage.case({ openai: [eventStream([chunk({}), last, "data: [DONE]\n\n"])] });
    const stream = await openai.completions.create({ model, prompt, stream: true });
    const chunks = [];
    for await (const piece of stream) chunks.push(piece);
    expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual([" Paris"]);
    expect(sentTo("openai")[0]?.json()).toMatchObject({ stream_options: { include_usage: true } });
  });
});

describe.each([
  ["whole", false, whole],
  ["streamed", true, streamed],
] as const)("as a message, %s", (_, isStreamed, answer) => {
  async function complete(model: string, setup: Parameters<Stage["case"]>[0]) {
    const { openai, sentTo } = stage.case(setup);
    if (!isStreamed) {
      const { choices, object } = await openai.completions.create({ model, prompt, max_tokens: 20 });
      return { text: choices[0]?.text, reason: choices[0]?.finish_reason, object, sentTo };
    }
    let text = "";
    let reason: string | null = null;
    let object = "";
    for await (const piece of await openai.completions.create({
      model,
      prompt,
      max_tokens: 20,
      stream: true,
    })) {
      text += piece.choices[0]?.text ?? "";
      reason = piece.choices[0]?.finish_reason ?? reason;
      object = piece.object;
    }
    return { text, reason, object, sentTo };
  }

  test("to Claude", async () => {
    const found = await complete("claude-sonnet-4-5", { claude: [answer(message({}))] });
    expect(found).toMatchObject({ text: "Hello!", reason: "stop", object: "text_completion" });
    expect(found.sentTo("claude")[0]?.json()).toMatchObject({
      messages: [{ role: "user", content: prompt }],
      max_tokens: 20,
    });
  });

  test("to a model of OpenAI that only chats", async () => {
    const chat = {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "gpt-4o",
      choices: [{ index: 0, message: { role: "assistant", content: "Paris." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    };
    const found = await complete("gpt-4o", { openai: [answer(chat)] });
    expect(found).toMatchObject({ text: "Paris.", reason: "stop", object: "text_completion" });
    expect(found.sentTo("openai")[0]).toMatchObject({ path: "/v1/chat/completions" });
  });
});

test("what cannot be a message is refused in OpenAI's words", async () => {
  const { openai } = stage.case({});
  const call = openai.completions.create({ model: "claude-sonnet-4-5", prompt: [1, 2, 3] });
  await expect(call).rejects.toMatchObject({ status: 400, code: "prompt_not_supported", param: "prompt" });
});

test("responses reach OpenAI's own endpoint, with what only it knows", async () => {
  const answer = {
    id: "resp_1",
    object: "response",
    status: "completed",
    model: "gpt-5.1",
    output: [],
    usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 },
  };
  const { openai, sentTo } = stage.case({ openai: [json(answer)] });
  const request = {
    model: "gpt-5.1",
    input: "And then?",
    previous_response_id: "resp_0",
    tools: [{ type: "web_search" as const }],
  };
  const found = await openai.responses.create(request);
  expect(found.id).toBe("resp_1");
  expect(sentTo("openai")[0]).toMatchObject({ path: "/v1/responses" });
  expect(sentTo("openai")[0]?.json()).toEqual(request);
});
