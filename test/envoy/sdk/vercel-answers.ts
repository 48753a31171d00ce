/** What a model says, in the words of any provider, whole or streamed: for what nobody has recorded. */
import type { JsonObject } from "../../../src/json/types.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { inPieces } from "./recordings.ts";
import { completion, message, streamed, whole } from "./whole-and-streamed.ts";

/** Providers whose answers can be written by hand here. */
export const spoken = ["openai", "claude", "gemini"] as const;
export type Spoken = (typeof spoken)[number];

export interface Saying {
  readonly text?: string;
  readonly calls?: ReadonlyArray<{ readonly id: string; readonly name: string; readonly input: JsonObject }>;
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly finish?: "stop" | "length" | "refusal";
}

/** Every answer is counted alike: 10 tokens in, of which 4 were cached, 5 out. */
export const usageOfAll = { input: 10, cached: 4, output: 5 } as const;

export function answerOf(provider: Spoken, saying: Saying, isStreamed: boolean): UpstreamAnswer {
  switch (provider) {
    case "openai":
      return (isStreamed ? streamed : whole)(asCompletion(saying));
    case "claude":
      return (isStreamed ? streamed : whole)(asMessage(saying));
    case "gemini":
      return isStreamed ? inPieces(events(saying)) : json(content(partsOf(saying), saying));
    default:
      return provider satisfies never;
  }
}

function asCompletion({ text, calls = [], finish }: Saying): JsonObject {
  const ending = finish === "length" ? "length" : finish === "refusal" ? "content_filter" : "stop";
  return completion({
    message: {
      content: text ?? null,
      ...(calls.length > 0 && {
        tool_calls: calls.map(({ id, name, input }) => ({
          id,
          type: "function",
          function: { name, arguments: JSON.stringify(input) },
        })),
      }),
    },
    finish_reason: calls.length > 0 ? "tool_calls" : ending,
    usage: { prompt_tokens_details: { cached_tokens: usageOfAll.cached } },
  });
}

function asMessage({ text, calls = [], thinking, finish }: Saying): JsonObject {
  const ending = finish === "length" ? "max_tokens" : finish === "refusal" ? "refusal" : "end_turn";
  return message({
    content: [
      ...(thinking === undefined
        ? []
        : [{ type: "thinking" as const, thinking: thinking.text, signature: thinking.signature }]),
      ...(text === undefined ? [] : [{ type: "text" as const, text }]),
      ...calls.map((call) => ({ type: "tool_use" as const, ...call })),
    ],
    stop_reason: calls.length > 0 ? "tool_use" : ending,
    usage: {
      input_tokens: usageOfAll.input - usageOfAll.cached,
      cache_read_input_tokens: usageOfAll.cached,
      output_tokens: usageOfAll.output,
    },
  });
}

function partsOf({ text, calls = [], thinking }: Saying): JsonObject[] {
  return [
    ...(thinking === undefined ? [] : [{ text: thinking.text, thought: true }]),
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ id, name, input }, index) => ({
      functionCall: { id, name, args: input },
      ...(thinking !== undefined && index === 0 && { thoughtSignature: thinking.signature }),
    })),
  ];
}

function content(parts: JsonObject[], { finish }: Saying, isLast = true): JsonObject {
  const finishReason = finish === "length" ? "MAX_TOKENS" : finish === "refusal" ? "SAFETY" : "STOP";
  const { input, cached, output } = usageOfAll;
  return {
    candidates: [{ content: { parts, role: "model" }, index: 0, ...(isLast && { finishReason }) }],
    usageMetadata: {
      promptTokenCount: input,
      cachedContentTokenCount: cached,
      candidatesTokenCount: output,
      totalTokenCount: input + output,
    },
    modelVersion: "gemini-2.5-flash",
    responseId: "HandWritten",
  };
}

function events(saying: Saying): string {
  const parts = partsOf(saying);
  return parts
    .map((part, index) => content([part], saying, index === parts.length - 1))
    .map((piece) => `data: ${JSON.stringify(piece)}\r\n\r\n`)
    .join("");
}
