/**
 * Google's embeddings at Vertex AI: `:predict` for the models of text, `:embedContent` for the later ones of all media.
 * Only a target; errors are as in `gemini`.
 *
 * Sources: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api,
 * https://cloud.google.com/vertex-ai/generative-ai/docs/embeddings/get-text-embeddings,
 * https://docs.cloud.google.com/dotnet/docs/reference/Google.Cloud.AIPlatform.V1/3.55.0/Google.Cloud.AIPlatform.V1.EmbedContentResponse
 */
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import type { EmbeddingsRequest } from "../../embeddings/request.ts";
import type { TargetDialect } from "../dialect.ts";
import { embed } from "../embedding.ts";
import { decodeError } from "../gemini/errors.ts";
import { unexpectedStream } from "../unstreamed.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { encodeRequest } from "./encode-request.ts";

export const vertexEmbeddings = {
  name: "vertex-embeddings",
  operation: embed,
  encodeRequest,
  decodeAnswer,
  streamDecoder: unexpectedStream,
  decodeError,
} satisfies TargetDialect<EmbeddingsRequest, EmbeddingsAnswer, "vertex-embeddings">;
