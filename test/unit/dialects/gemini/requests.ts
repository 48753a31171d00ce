/** Short ways to decode and encode in tests of the Gemini dialect. */
import { type Loss, Losses } from "../../../../src/conversation/losses.ts";
import type { ConversationRequest } from "../../../../src/conversation/request.ts";
import { noQuirks } from "../../../../src/dialects/dialect.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall } from "../../../sealing.ts";

export const path = "/v1beta/models/gemini-2.5-flash:generateContent";

export function decode(body: JsonObject, at = path): ConversationRequest {
  return gemini.decodeRequest(body, clientCall(at));
}

export interface Encoded {
  readonly body: JsonObject;
  readonly losses: readonly Loss[];
  /** `how path` of each loss. */
  readonly lost: readonly string[];
}

export function encode(request: ConversationRequest, model = "gemini-2.5-flash"): Encoded {
  const losses = new Losses();
  const body = gemini.encodeRequest(request, { model, quirks: noQuirks }, losses);
  return { body, losses: losses.entries, lost: losses.entries.map(({ how, path: at }) => `${how} ${at}`) };
}

/** What an OpenAI client's request becomes. */
export function fromOpenai(body: JsonObject, model?: string): Encoded {
  const messages = [{ role: "user", content: "hi" }];
  return encode(openaiChat.decodeRequest({ model: "any", messages, ...body }, clientCall()), model);
}

export const ask = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };
