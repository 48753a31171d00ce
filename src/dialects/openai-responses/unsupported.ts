/** Neutral fields that the Responses API has no place for. */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";

/** Where the client's request has a neutral field, by that and OpenAI's name for it. */
export type PathOf = (neutral: keyof ConversationRequest, name: string) => string;

/** Values that ask for nothing in particular are no loss. */
export function reportUnsupported(request: ConversationRequest, pathOf: PathOf, losses: Losses): void {
  const report = (neutral: keyof ConversationRequest, name: string, why: string): void =>
    losses.dropped(pathOf(neutral, name), why);
  if (request.stop.length > 0) report("stop", "stop", "OpenAI's Responses API takes no stop sequences.");
  if ((request.candidates ?? 1) > 1) report("candidates", "n", "OpenAI's Responses API gives one answer.");
  if (request.seed !== undefined) report("seed", "seed", "OpenAI's Responses API takes no seed.");
  if (request.topK !== undefined) report("topK", "top_k", "OpenAI has no top_k.");
  const penalties = "OpenAI's Responses API takes no penalties.";
  if ((request.frequencyPenalty ?? 0) !== 0) report("frequencyPenalty", "frequency_penalty", penalties);
  if ((request.presencePenalty ?? 0) !== 0) report("presencePenalty", "presence_penalty", penalties);
}
