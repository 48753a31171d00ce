/** What the tests of this folder share: neutral requests, targets, and encoding with its losses. */
import type { MessageCreateParamsBase } from "@anthropic-ai/sdk/resources/messages";
import { type Loss, Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import { type EncodeTarget, noQuirks } from "../../../../src/dialects/dialect.ts";
import { neutralRequest } from "../../conversation/neutral-request.ts";

/** The SDK's own type, with the fields that API version 2023-06-01 has besides. */
export type Body = MessageCreateParamsBase & { temperature?: number; top_p?: number; top_k?: number };

/** A model that takes almost everything: budgets, sampling, prefill, structured output. */
export const sonnet45 = "claude-sonnet-4-5";

export function user(...parts: (Part | string)[]): Turn {
  return { role: "user", parts: parts.map(textOr), at: "messages[0]" };
}

export function assistant(...parts: (Part | string)[]): Turn {
  return { role: "assistant", parts: parts.map(textOr), at: "messages[1]" };
}

export function system(text: string, at = "messages[0]"): Turn {
  return { role: "system", parts: [{ kind: "text", text, at: `${at}.content` }], at };
}

function textOr(part: Part | string): Part {
  return typeof part === "string" ? { kind: "text", text: part } : part;
}

/** As it comes from another dialect, unless `dialect` says otherwise. */
export function request(fields: Partial<ConversationRequest> = {}): ConversationRequest {
  return neutralRequest({ turns: [user("Hi")], ...fields });
}

export function encode(
  fields: Partial<ConversationRequest>,
  target: Partial<EncodeTarget> = {},
): { body: Body; losses: readonly Loss[] } {
  const losses = new Losses();
  const full = { model: sonnet45, quirks: noQuirks, ...target };
  const body = anthropic.encodeRequest(request(fields), full, losses);
  return { body: body as unknown as Body, losses: losses.entries };
}

/** `dropped seed`, `approximated temperature`, … */
export function lossList(losses: readonly Loss[]): string[] {
  return losses.map((loss) => `${loss.how} ${loss.path}`);
}
