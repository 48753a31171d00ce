/**
 * Embeddings as OpenAI's SDKs expect them. They ask for base64 unless told otherwise, and the one for JavaScript decodes
 * whatever comes as that: a vector must be written as it was asked for.
 *
 * Source: https://platform.openai.com/docs/api-reference/embeddings/object
 */
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import { asBase64, asNumbers } from "../../embeddings/vectors.ts";
import type { JsonDocument } from "../../json/document.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";

/** What an answer must know of its request. */
export function echo(body: JsonDocument): JsonObject {
  return { encoding_format: body.member("encoding_format") === "base64" ? "base64" : "float" };
}

export function encodeAnswer({ vectors, usage }: EmbeddingsAnswer, context: EncodeContext): JsonObject {
  const write = context.echo?.["encoding_format"] === "base64" ? asBase64 : asNumbers;
  const tokens = usage?.input ?? 0;
  return {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: write(vector) })),
    model: context.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
