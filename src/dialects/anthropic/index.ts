/** Anthropic Messages, `POST /v1/messages`: https://docs.anthropic.com/en/api/messages */
import { generate } from "../conversing.ts";
import type { Dialect } from "../dialect.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { encodeAnswer } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { decodeError, encodeError } from "./errors.ts";
import { models } from "./models.ts";
import { limitOutput } from "./output-limit.ts";
import { outline, passthrough } from "./passthrough.ts";
import { AnthropicStreamDecoder } from "./stream-decoder.ts";
import { AnthropicStreamEncoder } from "./stream-encoder.ts";

export const anthropic = {
  name: "anthropic",
  operation: generate,
  outline,
  limitOutput,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  streamDecoder: () => new AnthropicStreamDecoder(),
  streamEncoder: (context) => new AnthropicStreamEncoder(context),
  decodeError,
  encodeError,
  passthrough,
  models,
} satisfies Dialect;
