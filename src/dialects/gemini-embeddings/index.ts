/**
 * Gemini's embeddings at Google AI, `POST …/models/{model}:batchEmbedContents`, which its own SDKs call for a single
 * input too. Only a target; errors are as in `gemini`.
 *
 * Source: https://ai.google.dev/api/embeddings
 */
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import type { EmbeddingsRequest } from "../../embeddings/request.ts";
import type { TargetDialect } from "../dialect.ts";
import { embed } from "../embedding.ts";
import { decodeError } from "../gemini/errors.ts";
import { unexpectedStream } from "../unstreamed.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { encodeRequest } from "./encode-request.ts";

export const geminiEmbeddings = {
  name: "gemini-embeddings",
  operation: embed,
  encodeRequest,
  decodeAnswer,
  streamDecoder: unexpectedStream,
  decodeError,
} satisfies TargetDialect<EmbeddingsRequest, EmbeddingsAnswer, "gemini-embeddings">;
