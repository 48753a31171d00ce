/**
 * `POST /v1/messages/count_tokens`: a request for Messages without what only concerns the answer.
 *
 * Source: https://docs.anthropic.com/en/api/messages-count-tokens
 */

import { type CountAnswer, countOf } from "../../conversation/count-answer.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { noUsage } from "../../conversation/usage.ts";
import type { JsonObject } from "../../json/types.ts";
import { anthropic } from "../anthropic/index.ts";
import { countTokens } from "../conversing.ts";
import type { ClientCall, Dialect } from "../dialect.ts";
import { membersNamed } from "../members.ts";
import { passesNoStream, unexpectedStream, unwrittenStream } from "../unstreamed.ts";

/** What it takes; the limit, sampling and the like are errors there. */
const countedFields = new Set([
  ...["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control"],
  ...["mcp_servers", "context_management"],
]);

export const anthropicCountTokens = {
  streamDecoder: unexpectedStream,
  streamEncoder: unwrittenStream,
  name: "anthropic-count-tokens",
  operation: countTokens,
  outline: anthropic.outline,
  decodeRequest,
  encodeRequest: (request, target, losses) =>
    membersNamed(anthropic.encodeRequest(request, target, losses), countedFields),
  decodeAnswer: (body) => countOf(body["input_tokens"]),
  encodeAnswer: ({ inputTokens }) => ({ input_tokens: inputTokens }),
  decodeError: anthropic.decodeError,
  encodeError: anthropic.encodeError,
  models: anthropic.models,
  passthrough: { ...passesNoStream, request: anthropic.passthrough.request, usage: () => noUsage },
} satisfies Dialect<ConversationRequest, CountAnswer, "anthropic-count-tokens">;

/** Messages demands a limit, which nothing is counted by. */
function decodeRequest(body: JsonObject, call: ClientCall): ConversationRequest {
  const { maxOutputTokens: _, ...request } = anthropic.decodeRequest({ ...body, max_tokens: 1 }, call);
  return request;
}
