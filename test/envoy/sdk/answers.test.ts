/** What the official SDKs return for what providers answered, whole and streamed, across dialects and within. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UpstreamAnswer } from "../harness/upstream-answers.ts";
import { fromClaude, fromOpenAi } from "./answer-cases.ts";
import { outlineOfCompletion, outlineOfMessage } from "./outlines.ts";
import { recording } from "./recordings.ts";
import { type Stage, startStage } from "./stage.ts";
import { expectChatStream, expectMessageStream } from "./stream-rules.ts";
import { streamed, whole } from "./whole-and-streamed.ts";

const messages = [{ role: "user" as const, content: "Hello" }];
const forOpenAi = { messages, model: "claude-opus-4-8" };
const forAnthropic = { messages, model: "gpt-4.1", max_tokens: 100 };

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(async () => {
  await stage?.stop();
});

/** Each case as every answer that it stands for. */
function answersOf<Outline>(
  rows: ReadonlyArray<{ name: string; expected: Outline; recorded?: string; answer?: object }>,
  isStreamed: boolean,
): Array<{ name: string; expected: Outline; given: UpstreamAnswer }> {
  return rows.flatMap(({ name, expected, recorded, answer }) => {
    if (answer !== undefined) {
      const given = (isStreamed ? streamed : whole)(answer as Parameters<typeof whole>[0]);
      return [{ name, expected, given }];
    }
    return recorded !== undefined && isStreamed ? [{ name, expected, given: recording(recorded) }] : [];
  });
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("an OpenAI client served by Anthropic", () => {
  test.concurrent.each(answersOf(fromClaude, false))("whole: $name", async ({ given, expected }) => {
    const { openai } = stage.case({ claude: [given] });
    const completion = await openai.chat.completions.create(forOpenAi);
    expect(outlineOfCompletion(completion)).toEqual(expected);
    expect(completion).toMatchObject({
      id: expect.any(String),
      object: "chat.completion",
      created: expect.any(Number),
      model: "claude-opus-4-8",
    });
  });

  test.concurrent.each(answersOf(fromClaude, true))("streamed: $name", async ({ given, expected }) => {
    const { openai } = stage.case({ claude: [given] });
    const stream_options = { include_usage: true };
    const helper = openai.chat.completions.stream({ ...forOpenAi, stream_options });
    const final = await helper.finalChatCompletion();
    expect(outlineOfCompletion(final)).toEqual(expected);
    const events = await openai.chat.completions.create({ ...forOpenAi, stream: true, stream_options });
    expectChatStream(await collected(events), true);
  });

  test.concurrent.each(answersOf(fromClaude.slice(0, 2), true))(
    "usage not asked for is not shown: $name",
    async ({ given }) => {
      const { openai } = stage.case({ claude: [given] });
      expectChatStream(
        await collected(await openai.chat.completions.create({ ...forOpenAi, stream: true })),
        false,
      );
    },
  );
});

describe("an Anthropic client served by OpenAI", () => {
  test.concurrent.each(answersOf(fromOpenAi, false))("whole: $name", async ({ given, expected }) => {
    const { anthropic } = stage.case({ openai: [given] });
    const message = await anthropic.messages.create(forAnthropic);
    expect(outlineOfMessage(message)).toEqual(expected);
    expect(message).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: "gpt-4.1",
      stop_sequence: null,
    });
  });

  test.concurrent.each(answersOf(fromOpenAi, true))("streamed: $name", async ({ given, expected }) => {
    const { anthropic } = stage.case({ openai: [given] });
    const final = await anthropic.messages.stream(forAnthropic).finalMessage();
    expect(outlineOfMessage(final)).toEqual(expected);
    const events = await anthropic.messages.create({ ...forAnthropic, stream: true });
    expectMessageStream(await collected(events));
  });
});

describe("within one dialect nothing changes", () => {
  const openaiStreams = [
    "text.sse",
    "parallel-tool-calls.sse",
    "refusal.sse",
    "logprobs.sse",
    "three-choices.sse",
    "azure-reasoning.sse",
  ];

  test.concurrent.each(openaiStreams)("OpenAI: %s", async (file) => {
    const { openai, unguarded } = stage.case({ openai: [recording(`openai-chat/${file}`)] });
    const request = {
      messages,
      model: "gpt-4.1",
      stream: true,
      stream_options: { include_usage: true },
    } as const;
    const [through, direct] = await Promise.all(
      [openai, unguarded.openai].map(async (client) =>
        collected(await client.chat.completions.create(request)),
      ),
    );
    expect(through).toEqual(direct);
    const unasked = await openai.chat.completions.create({ messages, model: "gpt-4.1", stream: true });
    expect(await collected(unasked)).toEqual(direct?.slice(0, -1));
  });

  const claudeStreams = [
    "text.sse",
    "parallel-tools.sse",
    "thinking-signature.sse",
    "redacted-thinking.sse",
    "citations.sse",
    "code-execution.sse",
    "compaction-cache-usage.sse",
    "pause-turn.sse",
    "refusal.sse",
    "tool-and-server-tool.sse",
  ];

  test.concurrent.each(claudeStreams)("Anthropic: %s", async (file) => {
    const { anthropic, unguarded } = stage.case({ claude: [recording(`anthropic/${file}`)] });
    const request = { messages, model: "claude-opus-4-8", max_tokens: 100 };
    const [through, direct] = await Promise.all(
      [anthropic, unguarded.anthropic].map((client) => client.messages.stream(request).finalMessage()),
    );
    expect(through).toEqual(direct);
    const events = (client: typeof anthropic) => client.messages.create({ ...request, stream: true });
    expect(await collected(await events(anthropic))).toEqual(
      await collected(await events(unguarded.anthropic)),
    );
  });

  test("whole answers, with what we do not know of", async () => {
    const openaiAnswer = { ...whole({}), ...recording("openai-chat/reasoning.json") };
    const { openai, anthropic, unguarded } = stage.case({
      openai: [openaiAnswer],
      claude: [recording("anthropic/thinking-tool.json")],
    });
    const forGpt = { messages, model: "gpt-4.1", n: 3 };
    expect(await openai.chat.completions.create(forGpt)).toEqual(
      await unguarded.openai.chat.completions.create(forGpt),
    );
    const forClaude = { messages, model: "claude-opus-4-8", max_tokens: 100 };
    expect(await anthropic.messages.create(forClaude)).toEqual(
      await unguarded.anthropic.messages.create(forClaude),
    );
  });
});
