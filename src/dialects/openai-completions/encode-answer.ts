/**
 * A neutral answer as completions: the texts, and nothing else.
 *
 * Source: https://platform.openai.com/docs/api-reference/completions/object
 */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { foreignType } from "../openai-chat/encode-content.ts";
import { encodeUsage } from "../openai-chat/usage.ts";
import { encodeFinishReason } from "./finish-reason.ts";

export function encodeAnswer(answer: Answer, context: EncodeContext, losses: Losses): JsonObject {
  const isOwn = answer.dialect === "openai-completions";
  return {
    id: answer.id === "" ? `cmpl-${context.newId()}` : answer.id,
    object: "text_completion",
    created: answer.created ?? context.now,
    model: context.model,
    choices: answer.candidates.map((candidate, index) => encodeChoice(candidate, index, isOwn, losses)),
    usage: encodeUsage(answer.usage),
  };
}

function encodeChoice(candidate: Candidate, index: number, isOwn: boolean, losses: Losses): JsonObject {
  const { parts, finish, stopSequence, logprobs } = candidate;
  const at = `choices[${index}]`;
  if (stopSequence !== undefined)
    losses.dropped(`${at}.stop_sequence`, "OpenAI does not say which stop sequence was met.");
  if (logprobs !== undefined && !isOwn)
    losses.dropped(`${at}.logprobs`, "Completions have them in another form than chat.");
  if (finish === "pause")
    losses.approximated(`${at}.finish_reason`, "OpenAI has no paused turns; it is shown as stopped.");
  const texts = parts.map((part) => {
    if (part.kind !== "text" && part.kind !== "refusal") {
      losses.dropped(
        at,
        `A completion is text alone, without ${part.kind === "foreign" ? foreignType(part.value) : part.kind}.`,
      );
      return "";
    }
    if (part.kind === "text" && part.annotations !== undefined)
      losses.dropped(`${at}.text`, "A completion has no place for citations.");
    return part.text;
  });
  return {
    text: texts.join(""),
    index,
    logprobs: (isOwn && logprobs) || null,
    finish_reason: encodeFinishReason(finish),
  };
}
