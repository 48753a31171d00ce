/**
 * `POST …/models/{model}:countTokens`. Google AI counts a whole request that is wrapped in `generateContentRequest`, and
 * beside that only bare contents; Vertex AI takes the members of the request side by side.
 *
 * Sources: https://ai.google.dev/api/tokens,
 * https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/countTokens
 */

import { type CountAnswer, countOf } from "../../conversation/count-answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { noUsage } from "../../conversation/usage.ts";
import type { JsonDocument } from "../../json/document.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { countTokens } from "../conversing.ts";
import type { Dialect, EncodeTarget, TargetDialect } from "../dialect.ts";
import { gemini } from "../gemini/index.ts";
import { membersNamed } from "../members.ts";
import { passesNoStream, unexpectedStream, unwrittenStream } from "../unstreamed.ts";
import { generatePathOf } from "./paths.ts";

export const geminiCountTokens = {
  streamDecoder: unexpectedStream,
  streamEncoder: unwrittenStream,
  name: "gemini-count-tokens",
  operation: countTokens,
  outline: (body, path) => gemini.outline(body, generatePathOf(path)),
  decodeRequest: (body, call) =>
    gemini.decodeRequest(counted(body), { ...call, path: generatePathOf(call.path) }),
  encodeRequest: (request, target, losses) => ({
    generateContentRequest: {
      model: resource(target.model),
      ...gemini.encodeRequest(request, target, losses),
    },
  }),
  urlObjection: gemini.urlObjection,
  decodeAnswer,
  encodeAnswer: ({ inputTokens }) => ({ totalTokens: inputTokens }),
  decodeError: gemini.decodeError,
  encodeError: gemini.encodeError,
  models: gemini.models,
  passthrough: { ...passesNoStream, request: passRequest, usage: () => noUsage },
} satisfies Dialect<ConversationRequest, CountAnswer, "gemini-count-tokens">;

const vertexFields = new Set(["contents", "systemInstruction", "tools", "generationConfig"]);

/** Vertex AI's. Its clients' requests are those of Google AI's with other members beside `contents`. */
export const vertexCountTokens = {
  streamDecoder: unexpectedStream,
  name: "vertex-count-tokens",
  operation: countTokens,
  encodeRequest: (request, target, losses) =>
    membersNamed(gemini.encodeRequest(request, target, losses), vertexFields),
  urlObjection: gemini.urlObjection,
  decodeAnswer,
  decodeError: gemini.decodeError,
} satisfies TargetDialect<ConversationRequest, CountAnswer, "vertex-count-tokens">;

/** The request that is asked about: wrapped, or side by side. */
function counted(body: JsonObject): JsonObject {
  const wrapped = body["generateContentRequest"] ?? body["generate_content_request"];
  return isObject(wrapped) ? wrapped : body;
}

/** An empty request has no `totalTokens`: zeros are left out. */
function decodeAnswer(body: JsonObject): CountAnswer {
  return countOf(body["totalTokens"] ?? 0);
}

/** Only the wrapped form names the model a second time, and the two must agree. */
function passRequest(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array {
  const bare = gemini.passthrough.request(body, target, losses);
  const name =
    body.member("generateContentRequest") === undefined
      ? "generate_content_request"
      : "generateContentRequest";
  const wrapped = body.member(name);
  if (!isObject(wrapped)) return bare;
  return body.edit({ [name]: { ...wrapped, model: resource(target.model) } });
}

function resource(model: string): string {
  return /^(models|tunedModels)\//.test(model) ? model : `models/${model}`;
}
