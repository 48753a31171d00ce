/**
 * A neutral request for the method that serves the model. Texts that are too long would be cut in silence unless told
 * otherwise; OpenAI, whose clients ask, refuses them.
 */
import type { Losses } from "../../conversation/losses.ts";
import { dropUnknown, textsOf } from "../../embeddings/fitting.ts";
import type { EmbeddingsRequest } from "../../embeddings/request.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeTarget } from "../dialect.ts";
import { taskType } from "../gemini-embeddings/task-type.ts";
import { methodOf } from "./method.ts";

const who = "Vertex AI";
/**
 * Of one call to `:predict`. Google's page says one for gemini-embedding-001, but it takes as many as the others:
 * https://github.com/GoogleCloudPlatform/generative-ai/pull/3040
 */
const mostInstances = 250;

/** @throws InvalidRequestError for tokens, and for more inputs than the method takes */
export function encodeRequest(request: EmbeddingsRequest, target: EncodeTarget, losses: Losses): JsonObject {
  const method = methodOf(target.model);
  switch (method) {
    case "predict":
      return encodePredict(request, losses);
    case "embedContent":
      return encodeEmbedContent(request, target.model, losses);
    default:
      return method satisfies never;
  }
}

function encodePredict(request: EmbeddingsRequest, losses: Losses): JsonObject {
  const texts = textsOf(request, who, mostInstances);
  const { dimensions, purpose } = request;
  dropUnknown(request, who, losses);
  return {
    instances: texts.map((content) => ({
      content,
      ...(purpose !== undefined && { task_type: taskType[purpose] }),
    })),
    parameters: {
      autoTruncate: false,
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    },
  };
}

function encodeEmbedContent(request: EmbeddingsRequest, model: string, losses: Losses): JsonObject {
  const [text = ""] = textsOf(request, `${model} at ${who}`, 1);
  const { dimensions, purpose } = request;
  dropUnknown(request, who, losses);
  return {
    content: { role: "user", parts: [{ text }] },
    embedContentConfig: {
      autoTruncate: false,
      ...(purpose !== undefined && { taskType: taskType[purpose] }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    },
  };
}
