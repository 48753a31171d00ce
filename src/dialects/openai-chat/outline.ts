/** What routing needs of a request, read from its bytes. */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { JsonDocument } from "../../json/document.ts";
import { isObject } from "../../json/types.ts";
import type { RequestOutline } from "../dialect.ts";

/** @throws InvalidRequestError when the model is missing or not a string */
export function outline(body: JsonDocument): RequestOutline {
  const model = body.member("model");
  if (typeof model !== "string" || model === "") {
    throw new InvalidRequestError("model", "model is required and must be a string.");
  }
  const stream = body.member("stream") === true;
  const options = stream ? body.member("stream_options") : undefined;
  const limit = body.member("max_completion_tokens") ?? body.member("max_tokens");
  return {
    model,
    stream,
    maxOutputTokens: typeof limit === "number" ? limit : undefined,
    answers: answersAsked(body),
    includeUsage: isObject(options) && options["include_usage"] === true,
  };
}

/** Completions may write more than they show: all of it is paid for. */
function answersAsked(body: JsonDocument): number | undefined {
  const asked = [body.member("n"), body.member("best_of")].filter((count) => typeof count === "number");
  return asked.length === 0 ? undefined : Math.max(...asked);
}
