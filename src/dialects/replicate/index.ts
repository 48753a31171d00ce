/**
 * Replicate's predictions, one form for the models of all vendors there. Only a target, and always asked for a whole
 * answer: a stream of Replicate's is fetched from another address.
 *
 * Source: https://replicate.com/docs/reference/http
 */
import { generate } from "../conversing.ts";
import type { StreamDecoder, TargetDialect } from "../dialect.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { decodeError } from "./errors.ts";
import { ReplicateStreamDecoder } from "./stream-decoder.ts";

export const replicate = {
  name: "replicate",
  operation: generate,
  encodeRequest,
  decodeAnswer,
  streamDecoder: (): StreamDecoder => new ReplicateStreamDecoder(),
  decodeError,
} satisfies TargetDialect;
