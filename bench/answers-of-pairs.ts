/** Fixed answers in the formats that only the rows of pairs need: Responses, Gemini, Bedrock's Converse. */
import { EventStreamCodec } from "@smithy/core/event-streams";
import { type Answers, CHUNKS, DELTA_MARKER, event, json, TEXT } from "./answers.ts";

const deltas = Array.from({ length: CHUNKS }, (_, n) => ` ${DELTA_MARKER} ${n}`);

const responsesUsage = {
  input_tokens: 212,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 301,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 513,
};

function response(status: string, output: readonly object[], usage: object | null): object {
  return {
    id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
    object: "response",
    created_at: 1_750_000_000,
    status,
    model: "gpt-5.1-2025-11-13",
    output,
    usage,
  };
}

function messageItem(status: string, text: string | undefined): object {
  const content = text === undefined ? [] : [{ type: "output_text", text, annotations: [], logprobs: [] }];
  return { id: "msg_67ccd2bf17f0819081ff3bb2cf6508e6", type: "message", role: "assistant", status, content };
}

const place = { item_id: "msg_67ccd2bf17f0819081ff3bb2cf6508e6", output_index: 0, content_index: 0 };
const said = deltas.join("");

const responsesEvents = [
  { type: "response.created", response: response("in_progress", [], null) },
  { type: "response.in_progress", response: response("in_progress", [], null) },
  { type: "response.output_item.added", output_index: 0, item: messageItem("in_progress", undefined) },
  { type: "response.content_part.added", ...place, part: { type: "output_text", text: "", annotations: [] } },
  ...deltas.map((delta) => ({ type: "response.output_text.delta", ...place, delta, logprobs: [] })),
  { type: "response.output_text.done", ...place, text: said, logprobs: [] },
  {
    type: "response.content_part.done",
    ...place,
    part: { type: "output_text", text: said, annotations: [] },
  },
  { type: "response.output_item.done", output_index: 0, item: messageItem("completed", said) },
  {
    type: "response.completed",
    response: response("completed", [messageItem("completed", said)], responsesUsage),
  },
];

export const responsesAnswers: Answers = {
  path: "/v1/responses",
  whole: json(response("completed", [messageItem("completed", TEXT)], responsesUsage)),
  events: responsesEvents.map((data, number) => event({ ...data, sequence_number: number })),
};

const geminiUsage = {
  promptTokenCount: 212,
  candidatesTokenCount: 301,
  totalTokenCount: 513,
  promptTokensDetails: [{ modality: "TEXT", tokenCount: 212 }],
};

function generated(text: string, finishReason?: string): object {
  return {
    candidates: [
      { content: { parts: [{ text }], role: "model" }, ...(finishReason && { finishReason }), index: 0 },
    ],
    usageMetadata: geminiUsage,
    modelVersion: "gemini-2.5-flash",
    responseId: "xWnLaKjCKq6hvdIP0Jy8mQY",
  };
}

const geminiModel = "/v1beta/models/gemini-2.5-flash";

export const geminiAnswers: Answers = {
  path: `${geminiModel}:generateContent`,
  streamPath: `${geminiModel}:streamGenerateContent?alt=sse`,
  whole: json(generated(TEXT, "STOP")),
  events: [...deltas.map((text) => generated(text)), generated("", "STOP")].map((data) =>
    Buffer.from(`data: ${JSON.stringify(data)}\r\n\r\n`),
  ),
};

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

function frame(type: string, payload: object): Buffer {
  const text = (value: string) => ({ type: "string" as const, value });
  const headers = {
    ":event-type": text(type),
    ":content-type": text("application/json"),
    ":message-type": text("event"),
  };
  return Buffer.from(
    codec.encode({ headers, body: Buffer.from(JSON.stringify({ ...payload, p: "abcdefgh" })) }),
  );
}

const bedrockUsage = { inputTokens: 212, outputTokens: 301, totalTokens: 513 };
export const bedrockModel = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0";

export const bedrockAnswers: Answers = {
  path: `${bedrockModel}/converse`,
  streamPath: `${bedrockModel}/converse-stream`,
  streamType: "application/vnd.amazon.eventstream",
  whole: json({
    metrics: { latencyMs: 900 },
    output: { message: { role: "assistant", content: [{ text: TEXT }] } },
    stopReason: "end_turn",
    usage: bedrockUsage,
  }),
  events: [
    frame("messageStart", { role: "assistant" }),
    ...deltas.map((text) => frame("contentBlockDelta", { contentBlockIndex: 0, delta: { text } })),
    frame("contentBlockStop", { contentBlockIndex: 0 }),
    frame("messageStop", { stopReason: "end_turn" }),
    frame("metadata", { metrics: { latencyMs: 900 }, usage: bedrockUsage }),
  ],
};
