/** The upstream's fixed answers, made once: what it costs to answer must not drown what is measured. */

/** Content pieces of a stream. */
export const CHUNKS = 300;
/** Between two events of a stream. Milliseconds. */
export const PACE_MS = 20;
/** Stands once in a whole answer, whatever its dialect. */
export const WHOLE_MARKER = Buffer.from("benchwhole");
/** Stands once in each content piece of a stream. */
export const DELTA_MARKER = Buffer.from("benchdelta");

export interface Answers {
  readonly path: string;
  /** Where the path says whether to stream; else the body does. */
  readonly streamPath?: string;
  /** `text/event-stream` unless given. */
  readonly streamType?: string;
  readonly whole: Buffer;
  /** One write each. */
  readonly events: readonly Buffer[];
}

export const TEXT = `${WHOLE_MARKER} fourteen crates left on Tuesday, and the invoice is paid. `;
const CREATED = 1_750_000_000;

const chatUsage = {
  prompt_tokens: 212,
  completion_tokens: 301,
  total_tokens: 513,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};

/** Chat Completions; the usage chunk comes whether asked for or not, as Tollgate always asks. */
export const openaiAnswers: Answers = {
  path: "/v1/chat/completions",
  whole: json({
    id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    object: "chat.completion",
    created: CREATED,
    model: "gpt-4o-2024-08-06",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: TEXT, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: chatUsage,
    service_tier: "default",
    system_fingerprint: "fp_a288987b44",
  }),
  events: [
    chatChunk([choice({ role: "assistant", content: "", refusal: null })]),
    ...Array.from({ length: CHUNKS }, (_, n) => chatChunk([choice({ content: ` ${DELTA_MARKER} ${n}` })])),
    chatChunk([choice({}, "stop")]),
    chatChunk([], chatUsage),
    Buffer.from("data: [DONE]\n\n"),
  ],
};

const messageUsage = {
  input_tokens: 212,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 301,
  service_tier: "standard",
};

const message = {
  id: "msg_01XFDUDYJgAACzvnptvVoYEL",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  stop_sequence: null,
};

export const anthropicAnswers: Answers = {
  path: "/v1/messages",
  whole: json({
    ...message,
    content: [{ type: "text", text: TEXT }],
    stop_reason: "end_turn",
    usage: messageUsage,
  }),
  events: [
    event({
      type: "message_start",
      message: { ...message, content: [], stop_reason: null, usage: { ...messageUsage, output_tokens: 1 } },
    }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...Array.from({ length: CHUNKS }, (_, n) =>
      event({
        type: "content_block_delta",
        index: 0,
        delta: { type: "text_delta", text: ` ${DELTA_MARKER} ${n}` },
      }),
    ),
    event({ type: "content_block_stop", index: 0 }),
    event({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: 301 },
    }),
    event({ type: "message_stop" }),
  ],
};

function choice(delta: object, finishReason: string | null = null): object {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}

function chatChunk(choices: readonly object[], usage: object | null = null): Buffer {
  const chunk = {
    id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    object: "chat.completion.chunk",
    created: CREATED,
    model: "gpt-4o-2024-08-06",
    service_tier: "default",
    system_fingerprint: "fp_a288987b44",
    choices,
    usage,
  };
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
}

export function event(data: { readonly type: string; readonly [field: string]: unknown }): Buffer {
  return Buffer.from(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
}

export function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
