/** A neutral request as a batch, each input a request of its own. */
import type { Losses } from "../../conversation/losses.ts";
import { dropUnknown, textsOf } from "../../embeddings/fitting.ts";
import type { EmbeddingsRequest } from "../../embeddings/request.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeTarget } from "../dialect.ts";
import { resourceName } from "../gemini/paths.ts";
import { taskType } from "./task-type.ts";

const who = "Gemini";
/** "At most 100 requests can be in one batch", it answers to more: https://github.com/vercel/ai/issues/16101 */
const mostInputs = 100;

/** @throws InvalidRequestError for tokens, and for more inputs than a batch may have */
export function encodeRequest(request: EmbeddingsRequest, target: EncodeTarget, losses: Losses): JsonObject {
  const texts = textsOf(request, who, mostInputs);
  const { dimensions, purpose } = request;
  dropUnknown(request, who, losses);
  const alike: JsonObject = {
    // Every request of a batch repeats the model of the path.
    model: resourceName(target.model),
    ...(purpose !== undefined && { taskType: taskType[purpose] }),
    ...(dimensions !== undefined && { outputDimensionality: dimensions }),
  };
  return { requests: texts.map((text) => ({ ...alike, content: { parts: [{ text }] } })) };
}
