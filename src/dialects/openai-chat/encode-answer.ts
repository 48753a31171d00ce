/**
 * A neutral answer as a whole Chat Completions answer.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/object
 */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { Part, ReasoningPart, TextPart } from "../../conversation/parts.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import type { Seal } from "../seal.ts";
import { foreignType } from "./encode-content.ts";
import { encodeFinishReason } from "./finish-reason.ts";
import { answeredTier } from "./service-tier.ts";
import { encodeThinkingBlock } from "./thinking-blocks.ts";
import { citationsFor } from "./url-citations.ts";
import { encodeUsage } from "./usage.ts";

/** Losses are reported with their path in the answer that is given, e.g. `choices[0].message`. */
export function encodeAnswer(answer: Answer, context: EncodeContext, losses: Losses): JsonObject {
  return {
    id: answer.id === "" ? `chatcmpl-${context.newId()}` : answer.id,
    object: "chat.completion",
    created: answer.created ?? context.now,
    model: context.model,
    choices: answer.candidates.map((candidate, index) =>
      encodeChoice(candidate, index, context.seal, losses),
    ),
    usage: encodeUsage(answer.usage),
    ...(answer.dialect === "openai-chat" && answeredTier(answer)),
  };
}

function encodeChoice(candidate: Candidate, index: number, seal: Seal, losses: Losses): JsonObject {
  const at = `choices[${index}]`;
  const { parts } = candidate;
  if (candidate.stopSequence !== undefined) {
    losses.dropped(`${at}.stop_sequence`, "OpenAI does not say which stop sequence was met.");
  }
  if (candidate.finish === "pause") {
    losses.approximated(`${at}.finish_reason`, "OpenAI has no paused turns; it is shown as stopped.");
  }
  const hasRefusal = parts.some((part) => part.kind === "refusal");
  const hasToolCalls = parts.some((part) => part.kind === "tool-call");
  return {
    index,
    message: encodeMessage(parts, `${at}.message`, seal, losses),
    logprobs: candidate.logprobs ?? null,
    finish_reason: encodeFinishReason(candidate.finish, { hasRefusal, hasToolCalls }),
  };
}

/** OpenAI keeps texts, calls and reasoning apart, so the order between the kinds is not kept. */
function encodeMessage(parts: readonly Part[], at: string, seal: Seal, losses: Losses): JsonObject {
  const texts: string[] = [];
  const refusals: string[] = [];
  const annotations: JsonValue[] = [];
  const calls: JsonObject[] = [];
  const reasoning: ReasoningPart[] = [];
  const own: JsonObject = {};
  for (const part of parts) {
    switch (part.kind) {
      case "text":
        texts.push(part.text);
        encodeCitations(part, at, annotations, losses);
        break;
      case "refusal":
        refusals.push(part.text);
        break;
      case "reasoning":
        reasoning.push(part);
        break;
      case "tool-call":
        calls.push({
          id: part.id,
          type: "function",
          function: { name: part.name, arguments: part.arguments },
        });
        break;
      case "foreign":
        if (part.dialect !== "openai-chat")
          losses.dropped(at, `OpenAI has no ${foreignType(part.value)} content.`);
        else if (typeof part.value["type"] === "string") calls.push(part.value);
        else Object.assign(own, part.value);
        break;
      case "image":
      case "document":
      case "audio":
      case "tool-result":
        losses.dropped(at, `OpenAI has no ${part.kind} in answers.`);
        break;
      default: {
        const unknown: never = part;
        throw new TypeError(`unknown part: ${JSON.stringify(unknown)}`);
      }
    }
  }
  return {
    role: "assistant",
    content: texts.length > 0 ? texts.join("") : null,
    refusal: refusals.length > 0 ? refusals.join("") : null,
    ...encodeReasoning(reasoning, seal),
    ...(annotations.length > 0 ? { annotations } : {}),
    ...own,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

function encodeReasoning(parts: readonly ReasoningPart[], seal: Seal): JsonObject {
  const text = parts.map((part) => part.text).join("");
  const blocks = parts.map((part) => encodeThinkingBlock(part, seal)).filter((block) => block !== undefined);
  return {
    ...(text === "" ? {} : { reasoning_content: text }),
    ...(blocks.length > 0 ? { thinking_blocks: blocks } : {}),
  };
}

function encodeCitations(part: TextPart, at: string, annotations: JsonValue[], losses: Losses): void {
  const citations = citationsFor("openai-chat", part.annotations);
  for (const item of citations.items) annotations.push(item);
  if (!citations.isWhole) losses.dropped(`${at}.content`, "Citations are in another form.");
}
