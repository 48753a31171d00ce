/** What routing needs of a request, read from its path and its bytes. */
import type { JsonDocument } from "../../json/document.ts";
import { isObject, type JsonValue } from "../../json/types.ts";
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
    maxOutputTokens: numberIn(limit),
    answers: numberIn(count),
    // Gemini's streams always carry it.
    includeUsage: stream,
  };
}

/** Google's servers take numbers as text as well: https://protobuf.dev/programming-guides/json/. */
export function numberIn(value: JsonValue | undefined): number | undefined {
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  return typeof value === "number" ? value : undefined;
}
