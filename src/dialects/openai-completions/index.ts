/**
 * OpenAI's legacy Completions, `POST /v1/completions`: a prompt instead of messages. Servers that have the endpoint get it
 * as it is; for all others the prompt is a user's message, and the text of the answer its continuation.
 *
 * Source: https://platform.openai.com/docs/api-reference/completions
 */
import { generate } from "../conversing.ts";
import type { Dialect } from "../dialect.ts";
import { decodeError, encodeError } from "../openai-chat/errors.ts";
import { models } from "../openai-chat/models.ts";
import { outline } from "../openai-chat/outline.ts";
import { passthrough } from "../openai-chat/passthrough.ts";
import { OpenAiStreamDecoder } from "../openai-chat/stream-decoder.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { encodeAnswer } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { limitOutput } from "./output-limit.ts";
import { CompletionsStreamEncoder } from "./stream-encoder.ts";

/** The dialect, for the registry. */
export const openaiCompletions = {
  name: "openai-completions",
  operation: generate,
  outline,
  limitOutput,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  streamDecoder: () => new OpenAiStreamDecoder(),
  streamEncoder: (context) => new CompletionsStreamEncoder(context),
  decodeError,
  encodeError,
  passthrough,
  models,
} satisfies Dialect;
