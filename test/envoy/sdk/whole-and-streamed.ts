/** One answer in a provider's format, as that provider gives it whole and as it streams it. */
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import type { JsonObject } from "../../../src/json/types.ts";
import { event, json, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { inPieces } from "./recordings.ts";

/** A Messages answer with its least; `answer` replaces any of it. */
export function message(answer: {
  content?: ReadonlyArray<Partial<Anthropic.ContentBlock>>;
  stop_reason?: Anthropic.StopReason;
  stop_sequence?: string;
  stop_details?: Partial<Anthropic.RefusalStopDetails>;
  usage?: Partial<Anthropic.Usage>;
}): JsonObject {
  return {
    id: "msg_01HandWritten",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5-20250929",
    content: [{ type: "text", text: "Hello!" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
    ...(answer as JsonObject),
  };
}

/** A Chat Completions answer with one choice and its least. */
export function completion(answer: {
  message?: Partial<OpenAI.ChatCompletionMessage>;
  finish_reason?: OpenAI.ChatCompletion.Choice["finish_reason"];
  usage?: Partial<OpenAI.CompletionUsage>;
}): JsonObject {
  const said = { role: "assistant", content: "Hello!", refusal: null, ...(answer.message as JsonObject) };
  return {
    id: "chatcmpl-HandWritten",
    object: "chat.completion",
    created: 1_760_000_000,
    model: "gpt-4.1-2025-04-14",
    choices: [{ index: 0, message: said, logprobs: null, finish_reason: answer.finish_reason ?? "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, ...(answer.usage as JsonObject) },
  };
}

/** Either format, told by its `object`. */
export function whole(answer: JsonObject): UpstreamAnswer {
  return json(answer);
}

/** As the provider streams it, in odd pieces. */
export function streamed(answer: JsonObject): UpstreamAnswer {
  const events = answer["object"] === "chat.completion" ? chatEvents(answer) : messageEvents(answer);
  return inPieces(events.join(""));
}

type Fields = Record<string, unknown>;

function messageEvents(answer: JsonObject): string[] {
  const { content, stop_reason, stop_sequence, stop_details, usage, ...head } = answer as Fields;
  const named = (data: Fields & { type: string }): string => event(data as JsonObject, data.type);
  const final = usage as Fields;
  const delta = { stop_reason, stop_sequence, ...(stop_details === undefined ? {} : { stop_details }) };
  return [
    named({
      type: "message_start",
      message: {
        ...head,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...final, output_tokens: 1 },
      },
    }),
    ...(content as Fields[]).flatMap((block, index) => [
      named({ type: "content_block_start", index, content_block: { ...block, ...opened(block) } }),
      named({ type: "ping" }),
      ...deltas(block).map((piece) => named({ type: "content_block_delta", index, delta: piece })),
      named({ type: "content_block_stop", index }),
    ]),
    named({ type: "message_delta", delta, usage: final }),
    named({ type: "message_stop" }),
  ];
}

/** What of a block comes in deltas, and is empty at its start. */
function opened(block: Fields): Fields {
  switch (block["type"]) {
    case "text":
      return { text: "" };
    case "thinking":
      return { thinking: "", signature: "" };
    case "tool_use":
      return { input: {} };
    default:
      return {};
  }
}

function deltas(block: Fields): Fields[] {
  switch (block["type"]) {
    case "text":
      return pieces(block["text"]).map((text) => ({ type: "text_delta", text }));
    case "thinking":
      return [
        ...pieces(block["thinking"]).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: block["signature"] },
      ];
    case "tool_use":
      return ["", ...pieces(JSON.stringify(block["input"]))].map((text) => ({
        type: "input_json_delta",
        partial_json: text,
      }));
    default:
      return [];
  }
}

function chatEvents(answer: JsonObject): string[] {
  const { choices, usage, ...head } = answer as Fields;
  const chunk = (list: Fields[], more: Fields = {}): string =>
    event({ ...head, object: "chat.completion.chunk", choices: list, ...more } as JsonObject);
  const events: string[] = [];
  for (const { index, message: said, finish_reason } of choices as Fields[]) {
    const { content, refusal, tool_calls: calls, reasoning_content: thought } = said as Fields;
    const say = (delta: Fields, reason: unknown = null): void => {
      events.push(chunk([{ index, delta, logprobs: null, finish_reason: reason }], { usage: null }));
    };
    say({ role: "assistant", content: content === null ? null : "", refusal: null });
    for (const text of pieces(thought)) say({ reasoning_content: text });
    for (const text of pieces(content)) say({ content: text });
    for (const text of pieces(refusal)) say({ refusal: text });
    ((calls ?? []) as Fields[]).forEach((call, at) => {
      const called = call["function"] as Fields;
      say({ tool_calls: [{ index: at, ...call, function: { ...called, arguments: "" } }] });
      for (const text of pieces(called["arguments"]))
        say({ tool_calls: [{ index: at, function: { arguments: text } }] });
    });
    say({}, finish_reason);
  }
  return [...events, chunk([], { usage }), event("[DONE]")];
}

/** Of five characters; none of nothing. */
function pieces(text: unknown): string[] {
  return typeof text === "string" ? (text.match(/[\s\S]{1,5}/gu) ?? []) : [];
}
