/**
 * The answers of all vendors, told apart by their form. Titan counts tokens in the body; for the others Bedrock does, in
 * a header.
 *
 * Sources: as in `encode-request.ts`; for the header, what Bedrock sent (`test/fixtures/bedrock-embeddings`).
 */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import type { EmbeddingsAnswer, Vector } from "../../embeddings/answer.ts";
import { readVector } from "../../embeddings/vectors.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { countIfSaid } from "../counts.ts";
import type { AnswerHead } from "../dialect.ts";

export const tokenCountHeader = "x-amzn-bedrock-input-token-count";

/** @throws Error when the body is not an answer of this dialect */
export function decodeAnswer(
  body: JsonObject,
  { headers }: Pick<AnswerHead, "headers"> = { headers: {} },
): EmbeddingsAnswer {
  const counted = [body["inputTextTokenCount"], headers[tokenCountHeader]].map(usageOf);
  return {
    vectors: vectorsOf(body),
    usage: counted.find((usage) => usage !== undefined),
    model: "",
  };
}

function vectorsOf({ embedding, embeddings }: JsonObject): Vector[] {
  // Titan's one.
  if (Array.isArray(embedding)) return [readVector(embedding)];
  // Cohere's, by type from version 4 on; nothing but floats is asked for.
  const list = isObject(embeddings) ? embeddings["float"] : embeddings;
  if (!Array.isArray(list) || list.length === 0) throw new Error("embeddings are missing");
  // Nova's are objects, each with the medium of what was embedded.
  return list.map((item) => readVector(isObject(item) ? item["embedding"] : item));
}

function usageOf(value: JsonValue | undefined): Usage | undefined {
  const input = countIfSaid(typeof value === "string" && value.trim() !== "" ? Number(value) : value);
  return input === undefined ? undefined : { ...noUsage, input };
}
