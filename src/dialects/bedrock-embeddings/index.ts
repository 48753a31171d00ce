/**
 * Embeddings of the models at Amazon Bedrock by InvokeModel, each vendor's in its own words. Only a target; errors are
 * as in `bedrock-converse`.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import type { EmbeddingsRequest } from "../../embeddings/request.ts";
import { decodeError } from "../bedrock-converse/errors.ts";
import type { TargetDialect } from "../dialect.ts";
import { embed } from "../embedding.ts";
import { unexpectedStream } from "../unstreamed.ts";
import { decodeAnswer, tokenCountHeader } from "./decode-answer.ts";
import { encodeRequest } from "./encode-request.ts";

export const bedrockEmbeddings = {
  name: "bedrock-embeddings",
  operation: embed,
  encodeRequest,
  answerHeaders: [tokenCountHeader],
  decodeAnswer,
  streamDecoder: unexpectedStream,
  decodeError,
} satisfies TargetDialect<EmbeddingsRequest, EmbeddingsAnswer, "bedrock-embeddings">;
