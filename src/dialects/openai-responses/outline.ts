/** What routing needs of a request, read from its bytes. */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { JsonDocument } from "../../json/document.ts";
import type { RequestOutline } from "../dialect.ts";

/** @throws InvalidRequestError when the model is missing or not a string */
export function outline(body: JsonDocument): RequestOutline {
  const model = body.member("model");
  if (typeof model !== "string" || model === "")
    throw new InvalidRequestError("model", "model is required and must be a string.");
  const stream = body.member("stream") === true;
  const limit = body.member("max_output_tokens");
  return {
    model,
    stream,
    maxOutputTokens: typeof limit === "number" ? limit : undefined,
    // The last event of a stream always has it.
    includeUsage: stream,
  };
}
