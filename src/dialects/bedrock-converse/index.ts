/**
 * Amazon Bedrock's Converse, one format for the models of all vendors there. Only a target: no application speaks it
 * to the gateway.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html
 */
import { generate } from "../conversing.ts";
import type { TargetDialect } from "../dialect.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { urlObjection } from "./documents.ts";
import { encodeRequest } from "./encode-request.ts";
import { decodeError } from "./errors.ts";
import { BedrockStreamDecoder } from "./stream-decoder.ts";

export const bedrockConverse = {
  name: "bedrock-converse",
  operation: generate,
  encodeRequest,
  urlObjection,
  decodeAnswer,
  streamContentType: "application/vnd.amazon.eventstream",
  streamDecoder: () => new BedrockStreamDecoder(),
  decodeError,
} satisfies TargetDialect;
