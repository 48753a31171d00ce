/**
 * A batch of embeddings. The count of tokens is a newer member, and most answers do not have it.
 *
 * Source: https://ai.google.dev/api/embeddings#EmbeddingUsageMetadata
 */
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import { readVector } from "../../embeddings/vectors.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { decodeUsage } from "../gemini/usage.ts";

/** @throws Error when the body is not an answer of this dialect */
export function decodeAnswer({ embeddings, usageMetadata }: JsonObject): EmbeddingsAnswer {
  if (!Array.isArray(embeddings)) throw new Error("embeddings are missing");
  return {
    vectors: embeddings.map((embedding) => readVector(isObject(embedding) ? embedding["values"] : undefined)),
    usage: decodeUsage(usageMetadata),
    model: "",
  };
}
