/**
 * The parts of an answer as output items. Neighbouring texts and refusals are the content of one message.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object (`output`)
 */
import type { Candidate } from "../../conversation/answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { Part, RefusalPart, TextPart, ToolCallPart } from "../../conversation/parts.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { foreignType } from "../openai-chat/encode-content.ts";
import { citationsFor } from "../openai-chat/url-citations.ts";
import { type EncryptedContent, encodeProof } from "./encrypted-content.ts";
import { encodeLogprobs } from "./logprobs.ts";

type ItemStatus = "in_progress" | "completed" | "incomplete";

/** @param status of the answer: where it broke off, so did its last message */
export function encodeOutput(
  { parts, logprobs }: Candidate,
  status: "completed" | "incomplete",
  context: EncodeContext,
  losses: Losses,
): JsonObject[] {
  const items: JsonObject[] = [];
  /** Not told apart by text, so all of them stand with the first. */
  let tokens = encodeLogprobs(logprobs);
  let content: JsonObject[] | undefined;
  parts.forEach((part, index) => {
    const at = `output[${items.length}]`;
    if (part.kind !== "text" && part.kind !== "refusal") {
      const item = encodeItem(part, at, context, losses);
      if (item === undefined) return;
      content = undefined;
      items.push(item);
      return;
    }
    if (content === undefined) {
      content = [];
      const isLast = parts.slice(index).every(({ kind }) => kind === "text" || kind === "refusal");
      const itemStatus = isLast ? status : "completed";
      items.push(messageItem(`msg_${context.newId()}`, itemStatus, content));
    }
    content.push(encodeSaid(part, part.kind === "text" ? tokens : [], at, losses));
    if (part.kind === "text") tokens = [];
  });
  return items;
}

export function messageItem(id: string, status: ItemStatus, content: JsonObject[]): JsonObject {
  return { id, type: "message", status, role: "assistant", content };
}

/** One text or refusal of a message. @param at of the message, for losses */
export function encodeSaid(
  part: TextPart | RefusalPart,
  logprobs: JsonValue[],
  at: string,
  losses: Losses,
): JsonObject {
  if (part.kind === "refusal") return { type: "refusal", refusal: part.text };
  const citations = citationsFor("openai-responses", part.annotations);
  if (!citations.isWhole) losses.dropped(`${at}.content`, "Citations are in another form.");
  return { type: "output_text", text: part.text, annotations: [...citations.items], logprobs };
}

/** `id` and arguments of the call as the item has them. */
export function callItem(
  { id: callId, name, arguments: args }: Pick<ToolCallPart, "id" | "name" | "arguments">,
  id: string,
  status: ItemStatus,
  context: EncodeContext,
): JsonObject {
  const known = callId === "" ? `call_${context.newId()}` : callId;
  return { id, type: "function_call", status, arguments: args, call_id: known, name };
}

/** @param id of the item, unless the reasoning is OpenAI's and brings its own */
export function reasoningItem(text: string, content: EncryptedContent, id: string): JsonObject {
  const { id: own, encrypted } = content;
  return {
    id: own === "" ? id : own,
    type: "reasoning",
    summary: text === "" ? [] : [{ type: "summary_text", text }],
    ...(encrypted === "" ? {} : { encrypted_content: encrypted }),
  };
}

/** Everything but texts and refusals. Undefined when the part has no item; the loss is reported. */
export function encodeItem(
  part: Exclude<Part, TextPart | RefusalPart>,
  at: string,
  context: EncodeContext,
  losses: Losses,
): JsonObject | undefined {
  switch (part.kind) {
    case "reasoning":
      return reasoningItem(part.text, encodeProof(part, context.seal), `rs_${context.newId()}`);
    case "tool-call":
      return callItem(
        { ...part, arguments: part.arguments === "" ? "{}" : part.arguments },
        `fc_${context.newId()}`,
        "completed",
        context,
      );
    case "foreign":
      if (part.dialect === "openai-responses") return part.value;
      losses.dropped(at, `OpenAI has no ${foreignType(part.value)} content.`);
      return undefined;
    case "image":
    case "document":
    case "audio":
    case "tool-result":
      losses.dropped(at, `OpenAI has no ${part.kind} in answers.`);
      return undefined;
    default: {
      const unknown: never = part;
      throw new TypeError(`unknown part: ${JSON.stringify(unknown)}`);
    }
  }
}
