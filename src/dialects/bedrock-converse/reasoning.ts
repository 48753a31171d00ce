/**
 * Thinking and top-k, which Converse leaves to each vendor: `additionalModelRequestFields`.
 *
 * Sources: https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html,
 * https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, ReasoningRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { ModelTraits } from "./model-traits.ts";

type Level = "low" | "medium" | "high";

/** Reasoning of models other than Claude, as additional fields. */
export function encodeReasoning(
  request: ConversationRequest,
  traits: ModelTraits,
  losses: Losses,
): JsonObject {
  const asked = request.reasoning;
  if (asked === undefined) return {};
  const path = clientPath(request, "reasoning");
  const isOff = !asked.enabled || asked.effort === "none";
  switch (traits.reasoning) {
    case "claude":
      return {};
    case "none":
      if (!isOff) losses.dropped(path, "this model cannot be asked to think");
      return {};
    case "openai":
    case "qwen":
      if (isOff) {
        losses.dropped(path, "this model's thinking cannot be turned off");
        return {};
      }
      if (traits.reasoning === "openai") return { reasoning_effort: level(asked, path, losses) };
      return { reasoning_config: qwenLevel(asked, path, losses) };
    case "nova":
      if (isOff) return { reasoningConfig: { type: "disabled" } };
      return { reasoningConfig: { type: "enabled", maxReasoningEffort: novaLevel(request, asked, losses) } };
    default: {
      const never: never = traits.reasoning;
      return never;
    }
  }
}

export function encodeTopK(request: ConversationRequest, traits: ModelTraits, losses: Losses): JsonObject {
  if (request.topK === undefined) return {};
  if (traits.topK === "nova") return { inferenceConfig: { topK: request.topK } };
  losses.dropped(clientPath(request, "topK"), "this model takes no top-k");
  return {};
}

function qwenLevel(asked: ReasoningRequest, path: string, losses: Losses): Level {
  const wanted = level(asked, path, losses);
  if (wanted !== "medium") return wanted;
  losses.approximated(path, "the effort is high");
  return "high";
}

/** With the highest effort Nova refuses a limit of the output, which the client has set for a reason. */
function novaLevel(request: ConversationRequest, asked: ReasoningRequest, losses: Losses): Level {
  const path = clientPath(request, "reasoning");
  const wanted = level(asked, path, losses);
  if (wanted !== "high") return wanted;
  const { maxOutputTokens, temperature, topP } = request;
  if (maxOutputTokens === undefined && temperature === undefined && topP === undefined) return wanted;
  losses.approximated(path, "the effort is medium: with more this model takes no limits and no sampling");
  return "medium";
}

function level(asked: ReasoningRequest, path: string, losses: Losses): Level {
  const { effort, budget } = asked;
  if (effort === "low" || effort === "medium" || effort === "high") return effort;
  const near: Level =
    effort === "minimal" || (budget !== undefined && budget <= 2048)
      ? "low"
      : effort !== undefined || (budget !== undefined && budget > 8192)
        ? "high"
        : "medium";
  if (effort !== undefined || budget !== undefined) losses.approximated(path, `the effort is ${near}`);
  return near;
}
