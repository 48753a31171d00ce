/** Request bodies of a given size, in the two dialects, as the SDKs would send them. */
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
export function anthropicRequest(bytes: number, stream: boolean): Request {
  const body = (text: string) => ({
    model: "claude-sonnet-4-5",
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

function sized(bytes: number, body: (text: string) => object): Buffer {
  const frame = Buffer.byteLength(JSON.stringify(body("")));
  const sentences = Math.max(1, Math.round((bytes - frame) / Buffer.byteLength(SENTENCE)));
  return Buffer.from(JSON.stringify(body(SENTENCE.repeat(sentences))));
}
