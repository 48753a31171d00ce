/**
 * An answer, to a whole message.
 *
 * Source: https://docs.anthropic.com/en/api/messages#response
 */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { Part, ReasoningPart } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { markOf } from "../signatures.ts";
import { decodeArguments } from "../tool-input.ts";
import { encodeFinishReason } from "./finish-reason.ts";
import { validToolId } from "./tool-ids.ts";
import { answeredBy, encodeUsage } from "./usage.ts";

export function encodeAnswer(answer: Answer, context: EncodeContext, losses: Losses): JsonObject {
  const candidate: Candidate = answer.candidates[0] ?? { parts: [], finish: "stop" };
  if (answer.candidates.length > 1)
    losses.dropped("candidates", "an Anthropic message holds one answer; the first is shown");
  if (candidate.logprobs !== undefined)
    losses.dropped("logprobs", "an Anthropic message has no log probabilities");
  const content = candidate.parts
    .map((part, i) => encodeAnswerPart(part, context, losses, `content[${i}]`))
    .filter((block) => block !== undefined);
  return {
    ...encodeMessageHead(answer.id, context),
    content,
    ...encodeStop(candidate),
    usage: { ...encodeUsage(answer.usage), ...answeredBy, service_tier: encodeTier(answer.serviceTier) },
  };
}

/** What `message_start` has as well. */
export function encodeMessageHead(id: string, context: EncodeContext): JsonObject {
  return {
    id: /^msg_[a-zA-Z0-9_-]+$/.test(id) ? id : `msg_${context.newId()}`,
    type: "message",
    role: "assistant",
    model: context.model,
    container: null,
    diagnostics: null,
  };
}

/** A refusal with another finish (OpenAI ends it with `stop`) is one all the same. */
export function encodeStop(candidate: Pick<Candidate, "parts" | "finish" | "stopSequence">): JsonObject {
  const refused = candidate.finish === "stop" && candidate.parts.some((part) => part.kind === "refusal");
  const reason = encodeFinishReason(refused ? "refusal" : candidate.finish, candidate.stopSequence);
  return {
    stop_reason: reason,
    stop_sequence: reason === "stop_sequence" ? (candidate.stopSequence ?? null) : null,
    stop_details: reason === "refusal" ? { type: "refusal", category: null, explanation: null } : null,
  };
}

/** @returns undefined when the part has no block; the loss is reported */
export function encodeAnswerPart(
  part: Part,
  context: EncodeContext,
  losses: Losses,
  path: string,
): JsonObject | undefined {
  switch (part.kind) {
    case "text": {
      const { annotations } = part;
      const own = annotations?.dialect === "anthropic" ? annotations.items : undefined;
      if (annotations !== undefined && own === undefined)
        losses.dropped(`${path}.annotations`, "annotations have no form in an Anthropic message");
      // An empty block would come back in the next request, where Anthropic refuses it.
      if (part.text === "" && own === undefined) return undefined;
      // Anthropic leaves the field out where there are none; the AI SDK refuses null.
      return { type: "text", text: part.text, ...(own !== undefined && { citations: [...own] }) };
    }
    case "refusal":
      return { type: "text", text: part.text };
    case "reasoning":
      return encodeReasoning(part, context);
    case "tool-call": {
      const { input, valid } = decodeArguments(part.arguments);
      if (!valid) losses.approximated(path, "the arguments are no JSON object; their text is kept as _raw");
      return { type: "tool_use", ...encodeCallHead(part, context), input };
    }
    case "foreign":
      if (part.dialect === "anthropic") return part.value;
      losses.dropped(path, `only ${part.dialect} knows this part`);
      return undefined;
    case "image":
    case "document":
    case "audio":
    case "tool-result":
      losses.dropped(path, `an Anthropic message holds no ${part.kind}`);
      return undefined;
    default: {
      const never: never = part;
      return never;
    }
  }
}

/** Claude's own as it is; another provider's under our mark, even where it has no signature. */
function encodeReasoning(part: ReasoningPart, { seal }: EncodeContext): JsonObject {
  const { text, origin, signature, redacted } = part;
  const proof = origin === "anthropic" ? (redacted ?? signature ?? "") : markOf(seal, part);
  return redacted === undefined
    ? { type: "thinking", thinking: text, signature: proof }
    : { type: "redacted_thinking", data: proof };
}

export function encodeCallHead(
  call: { readonly id: string; readonly name: string },
  context: EncodeContext,
): JsonObject {
  return {
    id: validToolId(call.id) || `toolu_${context.newId()}`,
    name: call.name,
    caller: { type: "direct" },
  };
}

function encodeTier(tier: string | undefined): string | null {
  switch (tier) {
    case "standard":
    case "priority":
    case "batch":
      return tier;
    case "default":
      return "standard";
    default:
      // Not a field of the request that could be lost: the tier of another provider says nothing here.
      return null;
  }
}
