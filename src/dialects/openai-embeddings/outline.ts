/** What routing needs of a request, read from its bytes. */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { JsonDocument } from "../../json/document.ts";
import type { RequestOutline } from "../dialect.ts";

/** @throws InvalidRequestError when the model is missing or not a string */
export function outline(body: JsonDocument): RequestOutline {
  const model = body.member("model");
  if (typeof model !== "string" || model === "") {
    throw new InvalidRequestError("model", "model is required and must be a string.");
  }
  return { model, stream: false, maxOutputTokens: undefined, includeUsage: false };
}
