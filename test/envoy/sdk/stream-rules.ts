/** What the APIs promise of their streams' events and clients rely on, beyond what the SDKs' accumulators check. */
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { expect } from "vitest";

type Chunk = OpenAI.ChatCompletionChunk;
type Choice = OpenAI.ChatCompletionChunk.Choice;
type ToolCallDelta = OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall;

/** Source: https://platform.openai.com/docs/api-reference/chat-streaming */
export function expectChatStream(chunks: readonly Chunk[], isUsageAsked: boolean): void {
  const [first] = chunks;
  for (const chunk of chunks) {
    expect(chunk).toMatchObject({ id: first?.id, model: first?.model, object: "chat.completion.chunk" });
    expect(chunk.created).toBeTypeOf("number");
  }
  const last = chunks.at(-1);
  const usages = chunks.filter((chunk) => chunk.usage !== null && chunk.usage !== undefined);
  // Alone and last when it was asked for, and nowhere else.
  expect(usages).toEqual(isUsageAsked ? [last] : []);
  if (isUsageAsked) expect(last?.choices).toEqual([]);
  const choices = chunks.slice(0, isUsageAsked ? -1 : undefined).flatMap((chunk) => chunk.choices);
  for (const index of new Set(choices.map((choice) => choice.index))) {
    expectChoice(choices.filter((choice) => choice.index === index));
  }
}

function expectChoice(choices: readonly Choice[]): void {
  expect(choices[0]?.delta.role).toBe("assistant");
  const reasons = choices.map((choice) => choice.finish_reason);
  expect(reasons.findIndex((reason) => reason !== null)).toBe(choices.length - 1);
  let calls = 0;
  for (const call of choices.flatMap((choice): ToolCallDelta[] => choice.delta.tool_calls ?? [])) {
    if (call.index === calls) {
      calls++;
      expect(call).toMatchObject({ type: "function", function: { name: expect.stringMatching(/./) } });
      expect(call.id).toMatch(/^[\w-]+$/);
    } else {
      expect(call.index).toBeLessThan(calls);
      expect(call).not.toHaveProperty("id");
      expect(call.function).not.toHaveProperty("name");
    }
  }
}

/** Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export function expectMessageStream(events: readonly Anthropic.RawMessageStreamEvent[]): void {
  expect(events.map(({ type }) => type).filter((type) => !type.startsWith("content_block"))).toEqual([
    "message_start",
    "message_delta",
    "message_stop",
  ]);
  expect([events[0]?.type, events.at(-2)?.type]).toEqual(["message_start", "message_delta"]);
  let index = -1;
  let open: string | undefined;
  for (const event of events) {
    switch (event.type) {
      case "content_block_start":
        expect([open, event.index]).toEqual([undefined, ++index]);
        open = event.content_block.type;
        break;
      case "content_block_delta":
        expect([event.index, open]).toEqual([index, blockOf[event.delta.type]]);
        break;
      case "content_block_stop":
        expect(event.index).toBe(index);
        expect(open).toBeDefined();
        open = undefined;
        break;
      case "message_start":
        expect(event.message).toMatchObject({
          id: expect.stringMatching(/^msg_/),
          type: "message",
          role: "assistant",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
        });
        break;
      default:
        break;
    }
  }
  expect(open).toBeUndefined();
}

const blockOf: Readonly<Record<string, string>> = {
  text_delta: "text",
  citations_delta: "text",
  thinking_delta: "thinking",
  signature_delta: "thinking",
  input_json_delta: "tool_use",
};
