/** Gemini, `POST …/models/{model}:generateContent`: https://ai.google.dev/api/generate-content */
import { generate } from "../conversing.ts";
import type { Dialect } from "../dialect.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { encodeAnswer } from "./encode-answer.ts";
import { urlObjection } from "./encode-media.ts";
import { encodeRequest } from "./encode-request.ts";
import { decodeError, encodeError } from "./errors.ts";
import { arrayContentType, wantsArray } from "./framing.ts";
import { modelTraits } from "./model-traits.ts";
import { models } from "./models.ts";
import { outline } from "./outline.ts";
import { limitOutput } from "./output-limit.ts";
import { passthrough } from "./passthrough.ts";
import { GeminiStreamDecoder } from "./stream-decoder.ts";
import { GeminiStreamEncoder } from "./stream-encoder.ts";

export const gemini = {
  name: "gemini",
  operation: generate,
  outline,
  limitOutput,
  decodeRequest,
  encodeRequest,
  urlObjection: (_kind, url, { model }) => urlObjection(url, modelTraits(model)),
  decodeAnswer,
  encodeAnswer,
  streamDecoder: () => new GeminiStreamDecoder(),
  streamEncoder: (context) => new GeminiStreamEncoder(context),
  streamTypeFor: (path) => (wantsArray(path) ? arrayContentType : undefined),
  decodeError,
  encodeError,
  passthrough,
  models,
} satisfies Dialect;
