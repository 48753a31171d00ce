/**
 * `:generateContent` and `:streamGenerateContent`, to the neutral form. Field names may be in camelCase or snake_case;
 * paths in errors and loss reports are in camelCase, the documentation's spelling.
 *
 * Source: https://ai.google.dev/api/generate-content#request-body
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { listField, stringField } from "../../json/fields.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import type { ClientCall } from "../dialect.ts";
import { Leftovers } from "../leftovers.ts";
import { withThoughtsApart } from "../thought-ids.ts";
import { configPaths, decodeConfig } from "./decode-config.ts";
import { decodeContents, decodeSystem } from "./decode-contents.ts";
import { decodeTools } from "./decode-tools.ts";
import { readGeneratePath } from "./paths.ts";
import { camelCased } from "./spelling.ts";

/** `model` repeats the path's. */
const requestFields = new Set(
  "model contents systemInstruction tools toolConfig generationConfig serviceTier".split(" "),
);

const paths: ConversationRequest["paths"] = Object.freeze({
  turns: "contents",
  toolChoice: "toolConfig.functionCallingConfig",
  serviceTier: "serviceTier",
});

/** @throws InvalidRequestError with the JSON path */
export function decodeRequest(given: JsonObject, { path, seal }: ClientCall): ConversationRequest {
  const { model, stream } = readGeneratePath(path);
  const body = camelCased(given);
  const leftovers = new Leftovers();
  leftovers.collect(body, "", requestFields);
  const contents = isObject(body["contents"]) ? [body["contents"]] : listField(body, "contents");
  if (contents === undefined || contents.length === 0) {
    throw new InvalidRequestError("contents", "contents must be a list with at least one content.");
  }
  const tier = stringField(body, "serviceTier");
  const request: Omit<ConversationRequest, "extra"> = {
    model,
    turns: [
      ...decodeSystem(body["systemInstruction"], leftovers),
      ...withThoughtsApart(decodeContents(contents, leftovers, seal), "functionCall.id"),
    ],
    ...decodeTools(body, leftovers),
    ...decodeConfig(body, leftovers),
    ...(tier !== undefined && tier !== "unspecified" && { serviceTier: tier }),
    stream,
    // Gemini's streams always carry it.
    includeUsage: stream,
    dialect: "gemini",
    paths: { ...paths, ...configPaths(body) },
  };
  return { ...request, extra: leftovers.extra };
}
