/**
 * Amazon Bedrock's CountTokens, for requests in Converse's form. Only a target.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html
 */

import { type CountAnswer, countOf } from "../../conversation/count-answer.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { bedrockConverse } from "../bedrock-converse/index.ts";
import { countTokens } from "../conversing.ts";
import type { TargetDialect } from "../dialect.ts";
import { membersNamed } from "../members.ts";
import { unexpectedStream } from "../unstreamed.ts";

const countedFields = new Set(["messages", "system", "toolConfig", "additionalModelRequestFields"]);

export const bedrockCountTokens = {
  streamDecoder: unexpectedStream,
  name: "bedrock-count-tokens",
  operation: countTokens,
  encodeRequest: (request, target, losses) => ({
    input: { converse: membersNamed(bedrockConverse.encodeRequest(request, target, losses), countedFields) },
  }),
  urlObjection: bedrockConverse.urlObjection,
  decodeAnswer: (body) => countOf(body["inputTokens"]),
  decodeError: bedrockConverse.decodeError,
} satisfies TargetDialect<ConversationRequest, CountAnswer, "bedrock-count-tokens">;
