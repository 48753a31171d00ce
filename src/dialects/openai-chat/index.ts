/**
 * OpenAI Chat Completions, the wire format that most SDKs and most vendors speak.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
import { generate } from "../conversing.ts";
import type { Dialect } from "../dialect.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { encodeAnswer } from "./encode-answer.ts";
import { urlObjection } from "./encode-content.ts";
import { encodeRequest } from "./encode-request.ts";
import { decodeError, encodeError } from "./errors.ts";
import { models } from "./models.ts";
import { outline } from "./outline.ts";
import { limitOutput } from "./output-limit.ts";
import { passthrough } from "./passthrough.ts";
import { OpenAiStreamDecoder } from "./stream-decoder.ts";
import { OpenAiStreamEncoder } from "./stream-encoder.ts";

/** The dialect, for the registry. */
export const openaiChat = {
  name: "openai-chat",
  operation: generate,
  outline,
  limitOutput,
  decodeRequest,
  encodeRequest,
  urlObjection,
  decodeAnswer,
  encodeAnswer,
  streamDecoder: () => new OpenAiStreamDecoder(),
  streamEncoder: (context) => new OpenAiStreamEncoder(context),
  decodeError,
  encodeError,
  passthrough,
  models,
} satisfies Dialect;
