/** What target dialects that take less than was asked have in common: they say so. */
import { InvalidRequestError } from "../conversation/error.ts";
import type { Losses } from "../conversation/losses.ts";
import { type EmbeddingsRequest, pathOf } from "./request.ts";

/**
 * The inputs as texts.
 *
 * @param who the target in a sentence: `Gemini`
 * @param most inputs in one call
 * @throws InvalidRequestError when there are more, or when one is tokens: only the model that they were made for
 * knows what they say
 */
export function textsOf(request: EmbeddingsRequest, who: string, most: number): string[] {
  const path = pathOf(request, "inputs");
  const texts = request.inputs.map((input) => {
    if (input.kind === "text") return input.text;
    const message = `${who} takes text and no tokens`;
    throw new InvalidRequestError(path, message, 400, "tokens_not_supported");
  });
  if (texts.length <= most) return texts;
  const limit = most === 1 ? "one input" : `${most} inputs`;
  const message = `${who} takes ${limit} per call, and there are ${texts.length}`;
  throw new InvalidRequestError(path, message, 400, "too_many_inputs");
}

/** The length of vectors that can have one only. @throws InvalidRequestError when another is asked for */
export function expectDimensions(request: EmbeddingsRequest, who: string, only: number): void {
  const { dimensions } = request;
  if (dimensions === undefined || dimensions === only) return;
  // A vector of another length would be of no use: better that another target is asked.
  const message = `${who} makes vectors of ${only} numbers only, not of ${dimensions}`;
  throw new InvalidRequestError(pathOf(request, "dimensions"), message, 400, "dimensions_not_supported");
}

/** What no model but OpenAI's and those that copy it have a word for. */
export function dropUnknown(request: EmbeddingsRequest, who: string, losses: Losses): void {
  if (request.user !== undefined) losses.dropped(pathOf(request, "user"), `${who} is not told who asks.`);
  for (const name of Object.keys(request.extra)) losses.dropped(name, `${who} has no such field.`);
}
