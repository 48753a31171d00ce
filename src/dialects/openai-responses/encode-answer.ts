/**
 * A neutral answer as a whole response.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { answeredTier } from "../openai-chat/service-tier.ts";
import { encodeOutput } from "./encode-output.ts";
import { responseHead } from "./response-head.ts";
import { encodeStatus } from "./status.ts";
import { encodeUsage } from "./usage.ts";

/** Losses are reported with their path in the answer that is given, e.g. `output[0]`. */
export function encodeAnswer(answer: Answer, context: EncodeContext, losses: Losses): JsonObject {
  const candidate: Candidate = answer.candidates[0] ?? { parts: [], finish: "stop" };
  if (answer.candidates.length > 1)
    losses.dropped("candidates", "A response holds one answer; the first is shown.");
  if (candidate.stopSequence !== undefined)
    losses.dropped("stop_sequence", "OpenAI does not say which stop sequence was met.");
  if (candidate.finish === "pause")
    losses.approximated("status", "OpenAI has no paused turns; it is shown as completed.");
  const hasRefusal = candidate.parts.some((part) => part.kind === "refusal");
  const status = encodeStatus(candidate.finish, hasRefusal);
  const isOpenAi = answer.dialect === "openai-responses" || answer.dialect === "openai-chat";
  return {
    ...responseHead(answer.id, answer.created, context),
    ...status,
    output: encodeOutput(candidate, status.status, context, losses),
    ...(isOpenAi && answeredTier(answer)),
    usage: encodeUsage(answer.usage),
  };
}
