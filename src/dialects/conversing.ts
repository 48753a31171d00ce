/** The operations on conversations: answering one, and counting its tokens. */
import type { Answer } from "../conversation/answer.ts";
import { answerEvents } from "../conversation/answer-events.ts";
import { InvalidRequestError } from "../conversation/error.ts";
import { untakenFiles, withFiles } from "../conversation/files.ts";
import { acceptable } from "../conversation/modalities.ts";
import type { ConversationRequest } from "../conversation/request.ts";
import type { Operation } from "./operation.ts";

export const generate: Operation<ConversationRequest, Answer> = Object.freeze({
  name: "generate",
  title: "conversations",
  accepted: acceptable,
  portable,
  files: { untaken: untakenFiles, filled: withFiles },
  events: answerEvents,
});

export const countTokens: Operation<ConversationRequest> = Object.freeze({
  accepted: acceptable,
  portable,
  name: "count_tokens",
  title: "counts of tokens",
  // Providers count for free.
  isEstimable: false,
});

/** What another provider keeps cannot be carried over, and the rest alone would be another question. */
function portable(conversation: ConversationRequest): ConversationRequest {
  const { kept } = conversation;
  if (kept === undefined) return conversation;
  const advice = kept.advice === undefined ? "" : ` (${kept.advice})`;
  const message = `this target cannot continue what another provider keeps: send the whole conversation, without ${kept.at}${advice}`;
  throw new InvalidRequestError(kept.at, message, 400, kept.code);
}
