/** Conversations of several turns: what an SDK returned goes back as it is, as applications do, and is understood. */
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { signedBy } from "../../sealing.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { recordedJson, recording } from "./recordings.ts";
import { type Case, type Stage, startStage } from "./stage.ts";
import { completion, message, streamed, whole } from "./whole-and-streamed.ts";

const question = { role: "user" as const, content: "What is the largest city in the user country?" };
const forms = [
  { form: "whole", answer: whole, isStreamed: false },
  { form: "streamed", answer: streamed, isStreamed: true },
] as const;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(async () => {
  await stage?.stop();
});

/** The assistant message of an answer: from `create`, or as the streaming helper puts it together. */
async function chat(
  { openai }: Case,
  request: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "stream">,
  isStreamed: boolean,
): Promise<OpenAI.ChatCompletionMessage> {
  const answer = isStreamed
    ? await openai.chat.completions.stream(request).finalChatCompletion()
    : await openai.chat.completions.create(request);
  const said = answer.choices[0]?.message;
  if (said === undefined) throw new Error("an answer without a message");
  return said;
}

function talk(
  { anthropic }: Case,
  request: Anthropic.MessageCreateParamsNonStreaming,
  isStreamed: boolean,
): Promise<Anthropic.Message> {
  return isStreamed ? anthropic.messages.stream(request).finalMessage() : anthropic.messages.create(request);
}

function messagesOf(request: RecordedRequest | undefined): JsonObject[] {
  if (request === undefined) throw new Error("no such request");
  return (request.json() as { messages: JsonObject[] }).messages;
}

describe.each(forms)("an OpenAI client at Anthropic, $form", ({ answer, isStreamed }) => {
  test("signed thinking, shown and taken back unchanged for the tool results", async () => {
    const recorded = recordedJson("anthropic/thinking-tool.json") as unknown as Anthropic.Message;
    const it = stage.case({
      claude: [answer(recordedJson("anthropic/thinking-tool.json")), whole(message({}))],
    });
    const tools: OpenAI.ChatCompletionFunctionTool[] = [
      {
        type: "function",
        function: { name: "get_user_country", parameters: { type: "object", properties: {} } },
      },
    ];
    const request = { model: "claude-sonnet-4-0", tools, reasoning_effort: "low" as const };
    const said = await chat(it, { ...request, messages: [question] }, isStreamed);
    const { thinking, signature } = recorded.content[0] as Anthropic.ThinkingBlock;
    expect(said).toMatchObject({
      thinking_blocks: [
        { type: "thinking", thinking, signature: signedBy("anthropic", signature, thinking) },
      ],
      tool_calls: [{ id: "toolu_01YGzqpRE16Vricda3Aqcejo" }],
    });
    if (!isStreamed) expect(said).toMatchObject({ reasoning_content: thinking });
    const result = {
      role: "tool" as const,
      tool_call_id: "toolu_01YGzqpRE16Vricda3Aqcejo",
      content: "Mexico",
    };
    await chat(it, { ...request, messages: [question, said, result] }, false);

    const [first, second] = it.sentTo("claude");
    expect(first?.json()).toMatchObject({ thinking: { type: "enabled", budget_tokens: 2048 } });
    // Recorded, too: what Anthropic accepted in the same conversation.
    const accepted = recordedJson("anthropic/thinking-tool-results.request.json") as {
      messages: JsonObject[];
    };
    expect(messagesOf(second)[1]).toEqual(accepted.messages[1]);
    expect(messagesOf(second)[2]).toEqual({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "toolu_01YGzqpRE16Vricda3Aqcejo", content: "Mexico" }],
    });
    expect(second?.json()).toMatchObject({ thinking: { type: "enabled", budget_tokens: 2048 } });
  });

  test("several blocks of thinking, some of them encrypted", async () => {
    const content = [
      { type: "redacted_thinking", data: "RW5jcnlwdGVkT25l" },
      { type: "thinking", thinking: "Zwölf Äpfel ✓", signature: "U2lnbmVkVHdv+/=" },
      { type: "redacted_thinking", data: "RW5jcnlwdGVkVGhyZWU=" },
      { type: "text", text: "Twelve." },
    ] as const;
    const it = stage.case({ claude: [answer(message({ content })), whole(message({}))] });
    const said = await chat(it, { model: "claude-opus-4-8", messages: [question] }, isStreamed);
    await chat(it, { model: "claude-opus-4-8", messages: [question, said, question] }, false);
    expect(messagesOf(it.sentTo("claude")[1])[1]).toEqual({ role: "assistant", content });
  });

  test("thinking that the application changed is left out, not answered with 400", async () => {
    const content = [
      { type: "thinking", thinking: "Count the months.", signature: "U2lnbmVk" },
      { type: "text", text: "Twelve." },
    ] as const;
    const it = stage.case({ claude: [answer(message({ content })), whole(message({}))] });
    const said = await chat(it, { model: "claude-opus-4-8", messages: [question] }, isStreamed);
    const edited = JSON.parse(JSON.stringify(said).replaceAll("Count the months.", "Guess.")) as typeof said;
    expect(edited).not.toEqual(said);
    const next = { model: "claude-opus-4-8", messages: [question, edited, question] };
    const { response } = await it.openai.chat.completions.create(next).withResponse();
    expect(messagesOf(it.sentTo("claude")[1])[1]).toEqual({ role: "assistant", content: "Twelve." });
    expect(response.headers.get("x-tollgate-lossy")).toBe("messages[1].thinking_blocks[0]");
  });

  test("parallel tool calls, answered in another order", async () => {
    const it = stage.case({
      claude: [
        answer(recordedJson("anthropic/parallel-tools.json")),
        recording("anthropic/parallel-tools-results.json"),
      ],
    });
    const tools: OpenAI.ChatCompletionFunctionTool[] = [
      { type: "function", function: { name: "retrieve_entity_info" } },
    ];
    const said = await chat(it, { model: "claude-haiku-4-5", tools, messages: [question] }, isStreamed);
    const results = (said.tool_calls ?? []).map((call) => ({
      role: "tool" as const,
      tool_call_id: call.id,
      content: call.type === "function" ? `of ${call.function.arguments}` : "",
    }));
    const messages = [question, said, ...results.reverse()];
    const final = await chat(it, { model: "claude-haiku-4-5", tools, messages }, false);
    expect(final.content).toContain("Daisy is the youngest in the family");
    const accepted = recordedJson("anthropic/parallel-tools-results.request.json") as {
      messages: JsonObject[];
    };
    const sent = messagesOf(it.sentTo("claude")[1]);
    expect(sent).toHaveLength(3);
    expect(sent[1]).toEqual(accepted.messages[1]);
    expect(sent[2]).toMatchObject({
      role: "user",
      content: ["toolu_013mnQZbgtK2oe3Mo3XKJsx3", "toolu_01XFyAjstT3966qvRynZyVPo"]
        .concat(["toolu_01EEe2V5HD1Ac4rKiUR4HD2T", "toolu_0167cfEnoQaPviGdVXA95zcu"])
        .map((tool_use_id) => ({ type: "tool_result", tool_use_id })),
    });
  });

  test("a conversation that moves on to OpenAI leaves Claude's thinking behind", async () => {
    const content = [
      { type: "thinking", thinking: "Hm.", signature: "U2lnbmVk" },
      { type: "text", text: "Twelve." },
    ] as const;
    const it = stage.case({ claude: [answer(message({ content }))], openai: [whole(completion({}))] });
    const said = await chat(it, { model: "claude-opus-4-8", messages: [question] }, isStreamed);
    const next = { model: "gpt-4.1", messages: [question, said, question] };
    const { response } = await it.openai.chat.completions.create(next).withResponse();
    expect(messagesOf(it.sentTo("openai")[0])[1]).not.toHaveProperty("thinking_blocks");
    expect(messagesOf(it.sentTo("openai")[0])[1]).not.toHaveProperty("reasoning_content");
    expect(messagesOf(it.sentTo("openai")[0])[1]).toMatchObject({ role: "assistant", content: "Twelve." });
    expect(response.headers.get("x-tollgate-lossy")).toBe("messages[1].thinking_blocks");
  });
});

describe.each(forms)("an Anthropic client at OpenAI, $form", ({ answer, isStreamed }) => {
  const tools: Anthropic.Tool[] = [{ name: "get_capital", input_schema: { type: "object" } }];

  test("a tool call and its result", async () => {
    const it = stage.case({
      openai: [answer(recordedJson("openai-chat/tool-call.json")), whole(completion({}))],
    });
    const request = { model: "gpt-4.1", max_tokens: 100, tools };
    const { content } = await talk(it, { ...request, messages: [question] }, isStreamed);
    const [call] = content;
    expect(call).toMatchObject({ type: "tool_use", name: "get_capital", input: { country: "England" } });
    const tool_use_id = (call as Anthropic.ToolUseBlock).id;
    const results = [{ type: "tool_result" as const, tool_use_id, content: "London" }];
    await talk(
      it,
      {
        ...request,
        messages: [question, { role: "assistant", content }, { role: "user", content: results }],
      },
      false,
    );
    expect(messagesOf(it.sentTo("openai")[1])).toEqual([
      question,
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "call_NihFwNUckQ2eDoE0a9OQaO5l",
            type: "function",
            function: { name: "get_capital", arguments: '{"country":"England"}' },
          },
        ],
      },
      { role: "tool", tool_call_id: "call_NihFwNUckQ2eDoE0a9OQaO5l", content: "London" },
    ]);
  });

  test("another provider's reasoning is shown as thinking, and never sent to Claude", async () => {
    const reasoned = completion({ message: { content: "Twelve.", reasoning_content: "Hm." } as object });
    const it = stage.case({ openai: [answer(reasoned)], claude: [whole(message({}))] });
    const request = { max_tokens: 100, messages: [question] };
    const { content } = await talk(it, { ...request, model: "gpt-4.1" }, isStreamed);
    expect(content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    expect(content[0]).toMatchObject({ thinking: "Hm.", signature: expect.stringMatching(/./) });
    const messages = [question, { role: "assistant" as const, content }, question];
    const call = it.anthropic.messages.create({ ...request, messages, model: "claude-opus-4-8" });
    const { response } = await call.withResponse();
    expect(response.headers.get("x-tollgate-lossy")).toBe("messages[1].content[0]");
    const [, said] = messagesOf(it.sentTo("claude")[0]);
    expect(said).toMatchObject({ role: "assistant", content: [{ type: "text", text: "Twelve." }] });
  });

  test("a conversation that moves on to Claude keeps its tool calls", async () => {
    const it = stage.case({
      openai: [answer(recordedJson("openai-chat/tool-call.json"))],
      claude: [whole(message({}))],
    });
    const request = { max_tokens: 100, tools, messages: [question] };
    const { content } = await talk(it, { ...request, model: "gpt-4.1" }, isStreamed);
    const result = {
      type: "tool_result" as const,
      tool_use_id: "call_NihFwNUckQ2eDoE0a9OQaO5l",
      content: "London",
    };
    const messages = [
      question,
      { role: "assistant" as const, content },
      { role: "user" as const, content: [result] },
    ];
    await talk(it, { ...request, messages, model: "claude-opus-4-8" }, false);
    const call = {
      type: "tool_use",
      id: result.tool_use_id,
      name: "get_capital",
      input: { country: "England" },
    };
    expect(messagesOf(it.sentTo("claude")[0])).toMatchObject([
      question,
      { role: "assistant", content: [call] },
      { role: "user", content: [result] },
    ]);
  });
});
