/** What the providers say, in their own formats, with any text. */
import type { JsonValue } from "../../../src/json/types.ts";
import { event, json, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import type { Target } from "./stage.ts";

export function whole(target: Target, text: string, status = 200): UpstreamAnswer {
  return json(target === "openai" ? completion(text) : message(text), status);
}

export function completion(text: string): JsonValue {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o-2024-08-06",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
  };
}

export function message(text: string): JsonValue {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 11, output_tokens: 3 },
  };
}

/** The events of a complete stream whose text is these deltas. */
export function events(target: Target, deltas: readonly string[]): string[] {
  return target === "openai" ? chunkEvents(deltas) : messageEvents(deltas);
}

function chunkEvents(deltas: readonly string[]): string[] {
  const chunk = (delta: JsonValue, finish: string | null) =>
    event({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "gpt-4o-2024-08-06",
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
  return [
    chunk({ role: "assistant", content: "" }, null),
    ...deltas.map((content) => chunk({ content }, null)),
    chunk({}, "stop"),
    event({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "gpt-4o",
      choices: [],
      usage,
    }),
    event("[DONE]"),
  ];
}

function messageEvents(deltas: readonly string[]): string[] {
  const named = (data: { type: string } & Record<string, JsonValue>) => event(data, data.type);
  const start = { ...(message("") as Record<string, JsonValue>), content: [], stop_reason: null };
  return [
    named({ type: "message_start", message: start }),
    named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...deltas.map((text) =>
      named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    ),
    named({ type: "content_block_stop", index: 0 }),
    named({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: 3 },
    }),
    named({ type: "message_stop" }),
  ];
}
