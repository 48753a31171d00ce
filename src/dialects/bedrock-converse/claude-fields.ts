/**
 * What Claude takes through Converse in its own words: thinking, top-k, tool choice. What it takes of each is the
 * same as at Anthropic.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import type { Message as AnthropicMessage } from "../anthropic/encode-turns.ts";
import type { ModelTraits as ClaudeTraits } from "../anthropic/model-traits.ts";
import { encodeSampling } from "../anthropic/sampling.ts";
import { encodeThinking } from "../anthropic/thinking.ts";
import { clientPath } from "../client-paths.ts";
import type { EncodeTarget } from "../dialect.ts";
import type { EncodedTools } from "./encode-tools.ts";
import type { Message } from "./encode-turns.ts";

/** What of a request depends on the vendor. */
export interface VendorFields {
  /** `additionalModelRequestFields`. */
  readonly fields: JsonObject;
  /** How hard to think; Claude's own field, or `outputConfig.effort` where that is sent anyway. */
  readonly effort?: string;
  /** `maxTokens`, `temperature` and `topP` of `inferenceConfig`. */
  readonly inference: JsonObject;
}

export function encodeClaude(
  request: ConversationRequest,
  target: EncodeTarget,
  claude: ClaudeTraits,
  messages: readonly Message[],
  tools: EncodedTools,
  losses: Losses,
): VendorFields {
  const named = request.maxOutputTokens ?? target.defaultMaxTokens;
  const most = claude.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  if ((request.maxOutputTokens ?? 0) > most)
    losses.approximated(clientPath(request, "maxOutputTokens"), `this model writes at most ${most} tokens`);
  const limit = Math.min(named ?? claude.defaultMaxTokens, most);
  const { thinking, effort, maxTokens, thinks } = encodeThinking({
    request,
    traits: claude,
    messages: messages.map(anthropicShape),
    toolsForced: tools.forced,
    maxTokens: limit,
    losses,
  });
  const sampling = encodeSampling(request, claude, thinks, losses);
  const { temperature, top_p: topP, top_k: topK } = sampling;
  const hasBudget = thinking?.["budget_tokens"] !== undefined;
  return {
    fields: {
      ...(thinking !== undefined && { thinking }),
      ...(topK !== undefined && { top_k: topK }),
      ...(tools.claudeChoice !== undefined && { tool_choice: tools.claudeChoice }),
    },
    ...(effort !== undefined && { effort }),
    inference: {
      // Bedrock counts the limit against the quota when a call begins, so none is sent that nobody asked for.
      ...((named !== undefined || hasBudget) && { maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
    },
  };
}

/** As much of Anthropic's form as the rules of thinking look at: the kinds of blocks. */
function anthropicShape({ role, at, content }: Message): AnthropicMessage {
  const blocks = content.filter((block) => block["cachePoint"] === undefined);
  return { role, at, content: blocks.map((block) => ({ type: blockType(block) })) };
}

function blockType(block: JsonObject): string {
  if (block["toolResult"] !== undefined) return "tool_result";
  if (block["toolUse"] !== undefined) return "tool_use";
  if (isObject(block["reasoningContent"])) return "thinking";
  return block["text"] === undefined ? "other" : "text";
}
