/**
 * `POST /v1/responses/input_tokens`: a request for Responses without what only concerns the answer.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/input-tokens
 */
import type { ConversationRequest } from "../../conversation/request.ts";
import { countOf, type TokenCount } from "../../conversation/token-count.ts";
import { noUsage } from "../../conversation/usage.ts";
import { countTokens } from "../conversing.ts";
import type { Dialect } from "../dialect.ts";
import { membersNamed } from "../members.ts";
import { openaiResponses } from "../openai-responses/index.ts";
import { passesNoStream, unexpectedStream, unwrittenStream } from "../unstreamed.ts";

const countedFields = new Set([
  ...["model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text"],
  ...["truncation", "previous_response_id", "conversation"],
]);

export const openaiInputTokens = {
  streamDecoder: unexpectedStream,
  streamEncoder: unwrittenStream,
  name: "openai-input-tokens",
  operation: countTokens,
  outline: openaiResponses.outline,
  decodeRequest: openaiResponses.decodeRequest,
  encodeRequest: (request, target, losses) =>
    membersNamed(openaiResponses.encodeRequest(request, target, losses), countedFields),
  decodeAnswer: (body) => countOf(body["input_tokens"]),
  encodeAnswer: ({ inputTokens }) => ({ object: "response.input_tokens", input_tokens: inputTokens }),
  decodeError: openaiResponses.decodeError,
  encodeError: openaiResponses.encodeError,
  models: openaiResponses.models,
  passthrough: { ...passesNoStream, request: openaiResponses.passthrough.request, usage: () => noUsage },
} satisfies Dialect<ConversationRequest, TokenCount, "openai-input-tokens">;
