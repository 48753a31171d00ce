/**
 * OpenAI's embeddings, `POST …/embeddings`, which most vendors speak that serve embeddings at all. Errors and the list
 * of models are as in Chat Completions.
 *
 * Source: https://platform.openai.com/docs/api-reference/embeddings
 */
import type { EmbeddingsAnswer } from "../../embeddings/answer.ts";
import type { EmbeddingsRequest } from "../../embeddings/request.ts";
import type { Dialect } from "../dialect.ts";
import { embed } from "../embedding.ts";
import { decodeError, encodeError } from "../openai-chat/errors.ts";
import { models } from "../openai-chat/models.ts";
import { unexpectedStream, unwrittenStream } from "../unstreamed.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { echo, encodeAnswer } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { outline } from "./outline.ts";
import { passthrough } from "./passthrough.ts";

export const openaiEmbeddings = {
  name: "openai-embeddings",
  operation: embed,
  outline,
  decodeRequest,
  encodeRequest,
  echo,
  decodeAnswer,
  encodeAnswer,
  streamDecoder: unexpectedStream,
  streamEncoder: unwrittenStream,
  decodeError,
  encodeError,
  passthrough,
  models,
} satisfies Dialect<EmbeddingsRequest, EmbeddingsAnswer, "openai-embeddings">;
