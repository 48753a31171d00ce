/** What the tests of this folder share: decoding and encoding of requests, with losses. */
import type { ResponseCreateParams } from "openai/resources/responses/responses";
import { type Loss, Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { type EncodeTarget, noQuirks } from "../../../../src/dialects/dialect.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall } from "../../../sealing.ts";
import { neutralRequest } from "../../conversation/neutral-request.ts";

/** A model that takes sampling parameters and does not think. */
const gpt4o = "gpt-4o";
/** One that thinks. */
export const gpt5 = "gpt-5.1";

export function decode(fields: Partial<ResponseCreateParams> & Record<string, unknown>): ConversationRequest {
  return openaiResponses.decodeRequest(
    { model: "m", input: "hi", ...fields } as unknown as JsonObject,
    clientCall(),
  );
}

export function user(...parts: (Part | string)[]): Turn {
  return { role: "user", parts: parts.map(textOr), at: "messages[0]" };
}

export function assistant(...parts: (Part | string)[]): Turn {
  return { role: "assistant", parts: parts.map(textOr), at: "messages[1]" };
}

function textOr(part: Part | string): Part {
  return typeof part === "string" ? { kind: "text", text: part } : part;
}

/** As it comes from another dialect, unless `dialect` says otherwise. */
export function encode(
  fields: Partial<ConversationRequest>,
  target: Partial<EncodeTarget> = {},
): { body: JsonObject; losses: string[] } {
  const losses = new Losses();
  const request = neutralRequest({ turns: [user("Hi")], dialect: "anthropic", ...fields });
  const full = { model: gpt4o, quirks: noQuirks, ...target };
  const body = openaiResponses.encodeRequest(request, full, losses);
  return { body, losses: lossList(losses.entries) };
}

/** `dropped seed`, `approximated temperature`, … */
export function lossList(losses: readonly Loss[]): string[] {
  return losses.map((loss) => `${loss.how} ${loss.path}`);
}
