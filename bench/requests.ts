/** Request bodies of a given size, in the two dialects, as the SDKs would send them. */
import { bedrockModel } from "./answers-of-pairs.ts";
import type { Call } from "./rows.ts";

type Request = Pick<Call, "path" | "headers" | "body">;

const SYSTEM = "You are a terse assistant. Answer from the notes only.";
const SENTENCE = "The shipment left on Tuesday, 14 crates in all; the café's invoice says “paid”. ";

/** A Chat Completions call of `bytes` bytes, give or take one sentence. */
export function openaiRequest(model: string, bytes: number, stream: boolean): Request {
  const body = (text: string) => ({
    model,
    messages: [
      { role: "system", content: SYSTEM },
      { role: "user", content: text },
    ],
    temperature: 0.2,
    max_tokens: 512,
    ...(stream ? { stream: true } : {}),
  });
  return {
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", authorization: "Bearer client-key" },
    body: sized(bytes, body),
  };
}

/** A Messages call of `bytes` bytes, give or take one sentence. */
export function anthropicRequest(bytes: number, stream: boolean, model = "claude-sonnet-4-5"): Request {
  const body = (text: string) => ({
    model,
    system: SYSTEM,
    messages: [{ role: "user", content: text }],
    temperature: 0.2,
    max_tokens: 512,
    ...(stream ? { stream: true } : {}),
  });
  return {
    path: "/v1/messages",
    headers: {
      "content-type": "application/json",
      "x-api-key": "client-key",
      "anthropic-version": "2023-06-01",
    },
    body: sized(bytes, body),
  };
}

/** A Responses call. */
export function responsesRequest(model: string, bytes: number, stream: boolean): Request {
  const body = (text: string) => ({
    model,
    instructions: SYSTEM,
    input: [{ role: "user", content: [{ type: "input_text", text }] }],
    max_output_tokens: 512,
    ...(stream ? { stream: true } : {}),
  });
  return {
    path: "/v1/responses",
    headers: { "content-type": "application/json", authorization: "Bearer client-key" },
    body: sized(bytes, body),
  };
}

/** A generateContent call. */
export function geminiRequest(model: string, bytes: number, stream: boolean): Request {
  const body = (text: string) => ({
    systemInstruction: { parts: [{ text: SYSTEM }] },
    contents: [{ role: "user", parts: [{ text }] }],
    generationConfig: { temperature: 0.2, maxOutputTokens: 512 },
  });
  const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return {
    path: `/v1beta/models/${model}:${method}`,
    headers: { "content-type": "application/json", "x-goog-api-key": "client-key" },
    body: sized(bytes, body),
  };
}

/** A Converse call, as only a client of plain Envoy sends it. */
export function bedrockRequest(bytes: number, stream: boolean): Request {
  const body = (text: string) => ({
    system: [{ text: SYSTEM }],
    messages: [{ role: "user", content: [{ text }] }],
    inferenceConfig: { temperature: 0.2, maxTokens: 512 },
  });
  return {
    path: `${bedrockModel}/converse${stream ? "-stream" : ""}`,
    headers: { "content-type": "application/json" },
    body: sized(bytes, body),
  };
}

function sized(bytes: number, body: (text: string) => object): Buffer {
  const frame = Buffer.byteLength(JSON.stringify(body("")));
  const sentences = Math.max(1, Math.round((bytes - frame) / Buffer.byteLength(SENTENCE)));
  return Buffer.from(JSON.stringify(body(SENTENCE.repeat(sentences))));
}
