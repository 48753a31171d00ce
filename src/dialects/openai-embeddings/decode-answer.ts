/** A whole answer, read. */
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import { readVector } from "../../embeddings/vectors.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { decodeUsage } from "../openai-chat/usage.ts";

/** @throws Error when the body is not an answer of this dialect */
export function decodeAnswer(body: JsonObject): EmbeddingsAnswer {
  const { data, model, usage } = body;
  if (!Array.isArray(data)) throw new Error("data is missing");
  const items = data.map((item, position) => {
    if (!isObject(item)) throw new Error("an entry of data is not an object");
    const { index } = item;
    return { index: typeof index === "number" ? index : position, vector: readVector(item["embedding"]) };
  });
  return {
    // They say themselves which input they belong to.
    vectors: items.sort((a, b) => a.index - b.index).map(({ vector }) => vector),
    usage: decodeUsage(usage),
    model: typeof model === "string" ? model : "",
  };
}
