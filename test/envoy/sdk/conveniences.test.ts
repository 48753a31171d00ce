/** What the SDKs build on top of a call: parsed answers, loops of tool calls, beta calls; at the other's provider. */
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { zodResponseFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { type Stage, startStage } from "./stage.ts";
import { completion, message, streamed, whole } from "./whole-and-streamed.ts";

const messages = [{ role: "user" as const, content: "Who?" }];
const ada = { name: "Ada", age: 36 };
const Person = z.object({ name: z.string(), age: z.int() });

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(async () => {
  await stage?.stop();
});

describe("an answer parsed by the SDK", () => {
  const said = message({ content: [{ type: "text", text: JSON.stringify(ada) }] });

  test("OpenAI's, at Anthropic", async () => {
    const it = stage.case({ claude: [whole(said), streamed(said)] });
    const request = {
      model: "claude-opus-4-8",
      messages,
      response_format: zodResponseFormat(Person, "person"),
    };
    const parsed = await it.openai.chat.completions.parse(request);
    expect(parsed.choices[0]?.message.parsed).toEqual(ada);
    const final = await it.openai.chat.completions.stream(request).finalChatCompletion();
    expect(final.choices[0]?.message.parsed).toEqual(ada);
    expect(it.sentTo("claude")[0]?.json()).toMatchObject({
      output_config: {
        format: {
          type: "json_schema",
          schema: { type: "object", required: ["name", "age"], additionalProperties: false },
        },
      },
    });
  });

  test("Anthropic's, at OpenAI", async () => {
    const answer = completion({ message: { content: JSON.stringify(ada) } });
    const it = stage.case({ openai: [whole(answer), streamed(answer)] });
    const request = {
      model: "gpt-4.1",
      max_tokens: 100,
      messages,
      output_config: { format: zodOutputFormat(Person) },
    };
    expect((await it.anthropic.messages.parse(request)).parsed_output).toEqual(ada);
    expect((await it.anthropic.messages.stream(request).finalMessage()).parsed_output).toEqual(ada);
    expect(it.sentTo("openai")[0]?.json()).toMatchObject({
      response_format: {
        type: "json_schema",
        json_schema: { strict: true, schema: { type: "object", additionalProperties: false } },
      },
    });
  });
});

describe("a loop of tool calls run by the SDK", () => {
  test("OpenAI's, at Anthropic, streamed", async () => {
    const calls = message({
      content: [
        { type: "text", text: "Let me see." },
        { type: "tool_use", id: "toolu_1", name: "age", input: { name: "Ada" } },
        { type: "tool_use", id: "toolu_2", name: "age", input: { name: "Bob" } },
      ],
      stop_reason: "tool_use",
    });
    const it = stage.case({ claude: [streamed(calls), streamed(message({}))] });
    const asked: string[] = [];
    const runner = it.openai.chat.completions.runTools({
      model: "claude-opus-4-8",
      stream: true,
      messages,
      tools: [
        {
          type: "function",
          function: {
            name: "age",
            description: "The age of a person",
            parameters: { type: "object", properties: { name: { type: "string" } } },
            parse: (text: string) => JSON.parse(text) as { name: string },
            function: ({ name }: { name: string }) => {
              asked.push(name);
              return `${name} is 36`;
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("Hello!");
    expect(asked).toEqual(["Ada", "Bob"]);
    expect(it.sentTo("claude")[1]?.json()).toMatchObject({
      messages: [
        { role: "user" },
        { role: "assistant" },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_1", content: "Ada is 36" },
            { type: "tool_result", tool_use_id: "toolu_2", content: "Bob is 36" },
          ],
        },
      ],
    });
  });

  test("Anthropic's, at OpenAI: refused as a thread, it sends the whole conversation each time", async () => {
    const call = (id: string, name: string) =>
      ({ id, type: "function", function: { name: "age", arguments: JSON.stringify({ name }) } }) as const;
    const calls = completion({
      message: { content: null, tool_calls: [call("call_1", "Ada"), call("call_2", "Bob")] },
      finish_reason: "tool_calls",
    });
    const it = stage.case({ openai: [whole(calls), whole(completion({}))] });
    const final = await it.anthropic.beta.messages.toolRunner({
      model: "gpt-4.1",
      max_tokens: 100,
      messages,
      tools: [
        {
          type: "custom",
          name: "age",
          description: "The age of a person",
          input_schema: { type: "object", properties: { name: { type: "string" } } },
          parse: (input: unknown) => input as { name: string },
          run: ({ name }: { name: string }) => `${name} is 36`,
        },
      ],
    });
    expect(final.content).toMatchObject([{ type: "text", text: "Hello!" }]);
    expect(it.sentTo("openai")[1]?.json()).toMatchObject({
      messages: [
        { role: "user" },
        { role: "assistant", tool_calls: [call("call_1", "Ada"), call("call_2", "Bob")] },
        { role: "tool", tool_call_id: "call_1", content: "Ada is 36" },
        { role: "tool", tool_call_id: "call_2", content: "Bob is 36" },
      ],
    });
  });
});

describe("a thread, which only Anthropic can keep", () => {
  const request = { max_tokens: 100, messages };

  test("passes to Anthropic, which gets the newest message alone", async () => {
    const it = stage.case({ claude: [whole(message({}))] });
    const thread = it.anthropic.beta.messages.thread({ ...request, model: "claude-opus-4-8" });
    await thread.send();
    await thread.send({ role: "user", content: "And?" });
    expect(it.sentTo("claude").map((sent) => sent.json())).toMatchObject([
      { thread: { type: "create" }, messages },
      {
        thread: { type: "continue", previous_message_id: "msg_01HandWritten" },
        messages: [{ role: "user", content: "And?" }],
      },
    ]);
  });

  test("is refused at another, by the exception that the SDK has for it", async () => {
    const it = stage.case({ openai: [whole(completion({}))] });
    const thread = it.anthropic.beta.messages.thread({ ...request, model: "gpt-4.1" });
    await expect(thread.send()).rejects.toMatchObject({
      status: 400,
      errorCode: "thread_unsupported_request",
      apiMessage: expect.stringContaining("without thread"),
    });
    expect(it.sentTo("openai")).toEqual([]);
  });

  test("goes on without one where the application allows it", async () => {
    const it = stage.case({ openai: [whole(completion({})), streamed(completion({}))] });
    const thread = it.anthropic.beta.messages.thread({
      ...request,
      model: "gpt-4.1",
      unsupportedRequestBehavior: "continue_unthreaded",
    });
    await thread.send();
    const last = await thread.stream({ role: "user", content: "And?" }).finalMessage();
    expect(last.content).toMatchObject([{ type: "text", text: "Hello!" }]);
    expect(it.sentTo("openai")[1]?.json()).toMatchObject({
      messages: [...messages, { role: "assistant", content: "Hello!" }, { role: "user", content: "And?" }],
    });
  });
});

describe("what the gateway does not know passes within one dialect", () => {
  test("OpenAI: fields as they were written, and beta flags", async () => {
    const it = stage.case({ openai: [whole(completion({}))] });
    const request = {
      zebra: [1, { deep: null }],
      model: "gpt-4.1",
      messages: [{ role: "user", content: "é✓", later: { x: 1 } }],
      safety_identifier: "s",
    };
    const options = { headers: { "OpenAI-Beta": "things=v3", "OpenAI-Organization": "org-of-the-client" } };
    await it.openai.chat.completions.create(request as never, options);
    const [sent] = it.sentTo("openai");
    expect(sent?.body.toString()).toBe(JSON.stringify(request));
    expect(sent?.headers).toMatchObject({ "openai-beta": "things=v3" });
    // The account is the one of Envoy's key.
    expect(sent?.headers).not.toHaveProperty("openai-organization");
  });

  test("Anthropic: fields as they were written, the version of the API and beta flags", async () => {
    const it = stage.case({ claude: [whole(message({}))] });
    const request = {
      zebra: [1, { deep: null }],
      model: "claude-opus-4-8",
      max_tokens: 100,
      messages: [{ role: "user", content: "é✓", later: { x: 1 } }],
    };
    await it.anthropic.beta.messages.create({ ...request, betas: ["things-2026-01-01"] } as never);
    const [sent] = it.sentTo("claude");
    expect(sent?.body.toString()).toBe(JSON.stringify(request));
    expect(sent?.headers).toMatchObject({ "anthropic-beta": "things-2026-01-01" });
    expect(sent?.headers["anthropic-version"]).toMatch(/^2026-/);
  });
});
