/** What the scripted providers answer: small, valid, with usage that a test can recognise. */
import type { JsonObject } from "../../../src/json/types.ts";
import { event, json, type Piece, type UpstreamAnswer } from "../harness/upstream-answers.ts";

/** Tokens that every answer here reports, however its dialect words them. */
export const reported = { input: 1000, output: 100 } as const;

/** As the providers name themselves in their answers; both are in the price catalogue. */
export const served = { openai: "gpt-4o-2024-08-06", anthropic: "claude-sonnet-4-5-20250929" } as const;

const chatUsage: JsonObject = {
  prompt_tokens: reported.input,
  completion_tokens: reported.output,
  total_tokens: reported.input + reported.output,
};

/** OpenAI's whole answer. */
export function completion(text: string): UpstreamAnswer {
  return json({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_760_000_000,
    model: served.openai,
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: chatUsage,
  });
}

/** Anthropic's whole answer. */
export function message(text: string): UpstreamAnswer {
  return json({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: served.anthropic,
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: reported.input, output_tokens: reported.output },
  });
}

/** OpenAI's stream, one event a word, up to and with its last. */
export function completionPieces(words: readonly string[]): string[] {
  const chunk = (choices: JsonObject[], usage?: JsonObject): string =>
    event({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1_760_000_000,
      model: served.openai,
      choices,
      ...(usage === undefined ? {} : { usage }),
    });
  return [
    ...words.map((content, index) =>
      chunk([
        {
          index: 0,
          delta: { ...(index === 0 && { role: "assistant" }), content },
          finish_reason: null,
        },
      ]),
    ),
    chunk([{ index: 0, delta: {}, finish_reason: "stop" }]),
    chunk([], chatUsage),
    event("[DONE]"),
  ];
}

/** Anthropic's stream, one event a word, up to and with its last. */
export function messagePieces(words: readonly string[]): string[] {
  const named = (data: JsonObject & { type: string }): string => event(data, data.type);
  return [
    named({
      type: "message_start",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: served.anthropic,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: reported.input, output_tokens: 1 },
      },
    }),
    named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...words.map((text) =>
      named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    ),
    named({ type: "content_block_stop", index: 0 }),
    named({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: reported.output },
    }),
    named({ type: "message_stop" }),
  ];
}

/** The pieces with a pause after each. */
export function paced(pieces: readonly Piece[], waitMs: number): Piece[] {
  return pieces.flatMap((piece) => [piece, { waitMs }]);
}

/** An error with a provider's status; its body is nobody's dialect in particular. */
export function failing(status: number, headers: Readonly<Record<string, string>> = {}): UpstreamAnswer {
  return json({ error: { message: `scripted ${status}`, type: "scripted" } }, status, headers);
}
