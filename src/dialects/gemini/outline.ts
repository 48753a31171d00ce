/** What routing needs of a request, read from its path and its bytes. */
import type { JsonDocument } from "../../json/document.ts";
import { isObject } from "../../json/types.ts";
import type { RequestOutline } from "../dialect.ts";
import { readGeneratePath } from "./paths.ts";
import { camelCased } from "./spelling.ts";

/** @throws InvalidRequestError when the path names no model */
export function outline(body: JsonDocument, path: string): RequestOutline {
  const { model, stream } = readGeneratePath(path);
  const config = body.member("generationConfig") ?? body.member("generation_config");
  const { maxOutputTokens: limit, candidateCount: count } = isObject(config) ? camelCased(config) : {};
  return {
    model,
    stream,
    maxOutputTokens: typeof limit === "number" ? limit : undefined,
    answers: typeof count === "number" ? count : undefined,
    // Gemini's streams always carry it.
    includeUsage: stream,
  };
}
