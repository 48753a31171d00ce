/**
 * OpenAI Responses, `POST /v1/responses`. Errors, and the list of models, look as in Chat Completions: it is one vendor,
 * and the official SDKs have one family of exceptions for both.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses
 */
import { generate } from "../conversing.ts";
import type { Dialect } from "../dialect.ts";
import { decodeError, encodeError } from "../openai-chat/errors.ts";
import { models } from "../openai-chat/models.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { echo } from "./echo.ts";
import { encodeAnswer } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { outline } from "./outline.ts";
import { limitOutput } from "./output-limit.ts";
import { passthrough } from "./passthrough.ts";
import { ResponsesStreamDecoder } from "./stream-decoder.ts";
import { ResponsesStreamEncoder } from "./stream-encoder.ts";

/** The dialect, for the registry. */
export const openaiResponses = {
  name: "openai-responses",
  operation: generate,
  outline,
  limitOutput,
  decodeRequest,
  echo,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  streamDecoder: () => new ResponsesStreamDecoder(),
  streamEncoder: (context) => new ResponsesStreamEncoder(context),
  decodeError,
  encodeError,
  passthrough,
  models,
} satisfies Dialect;
