/** What either method answers. `:predict` counts the tokens of each text, `:embedContent` those of the call. */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import { readVector } from "../../embeddings/vectors.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeUsage } from "../gemini/usage.ts";

/** @throws Error when the body is not an answer of this dialect */
export function decodeAnswer(body: JsonObject): EmbeddingsAnswer {
  const { predictions, embedding, usageMetadata } = body;
  if (isObject(embedding)) {
    return { vectors: [readVector(embedding["values"])], usage: decodeUsage(usageMetadata), model: "" };
  }
  if (!Array.isArray(predictions)) throw new Error("predictions are missing");
  const predicted = predictions.map(embeddingsOf);
  return {
    vectors: predicted.map(({ values }) => readVector(values)),
    usage: usageOf(predicted.map(({ statistics }) => statistics)),
    model: "",
  };
}

function embeddingsOf(prediction: JsonValue): JsonObject {
  if (isObject(prediction) && isObject(prediction["embeddings"])) return prediction["embeddings"];
  throw new Error("a prediction has no embeddings");
}

/** Undefined unless every text was counted. */
function usageOf(statistics: ReadonlyArray<JsonValue | undefined>): Usage | undefined {
  let input = 0;
  for (const entry of statistics) {
    const count = isObject(entry) ? entry["token_count"] : undefined;
    if (typeof count !== "number" || !(count >= 0)) return undefined;
    input += Math.floor(count);
  }
  return { ...noUsage, input };
}
