/**
 * Reasoning: efforts and budgets, to `thinking` and `output_config.effort`.
 *
 * Sources: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking,
 * https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking,
 * https://docs.anthropic.com/en/docs/build-with-claude/effort
 */

import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, ReasoningRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import { thinkingBudgets } from "../thinking-budgets.ts";
import type { Message } from "./encode-turns.ts";
import type { Effort, ModelTraits } from "./model-traits.ts";
import { lacksSignedThinking, unsignedCalls } from "./tool-loop.ts";

const minBudget = 1024;
/** Room for the answer beside the thinking when the budget decides the limit. */
const answerRoom = 4096;

export interface ThinkingContext {
  readonly request: ConversationRequest;
  readonly traits: ModelTraits;
  readonly messages: readonly Message[];
  readonly toolsForced: boolean;
  readonly maxTokens: number;
  readonly losses: Losses;
}

export interface EncodedThinking {
  readonly thinking?: JsonObject;
  readonly effort?: Effort;
  /** Raised where nobody named a limit and the budget needs the room. */
  readonly maxTokens: number;
  /** Whether the model will think because of this request. */
  readonly thinks: boolean;
}

export function encodeThinking(context: ThinkingContext): EncodedThinking {
  const { request, traits, maxTokens } = context;
  const asked = request.reasoning;
  if (asked === undefined) return { maxTokens, thinks: false };
  if (!asked.enabled || asked.effort === "none") return disabled(context, asked);
  switch (traits.thinking) {
    case "none":
      context.losses.dropped(path(request), "this model does not think");
      return { maxTokens, thinks: false };
    case "budget":
      return manual(context, asked);
    case "either":
      return asked.budget !== undefined && asked.effort === undefined
        ? manual(context, asked)
        : adaptive(context, asked);
    case "adaptive":
      return adaptive(context, asked);
    default: {
      const never: never = traits.thinking;
      return never;
    }
  }
}

function disabled(context: ThinkingContext, asked: ReasoningRequest): EncodedThinking {
  const { request, traits, maxTokens, losses } = context;
  // Models from before thinking do not know the field.
  if (traits.thinking === "none") return { maxTokens, thinks: false };
  if (traits.alwaysThinks) {
    losses.approximated(path(request), "this model always thinks; it is asked for little effort");
    return { effort: "low", maxTokens, thinks: true };
  }
  const effort =
    asked.effort === undefined || asked.effort === "none" ? undefined : knownEffort(asked.effort, context);
  // Some models refuse to be told what they do anyway; a client of Claude's own format knows which.
  const isSaid = traits.thinksByDefault || request.dialect === "anthropic";
  return {
    ...(isSaid && { thinking: { type: "disabled" } }),
    maxTokens,
    thinks: false,
    ...withEffort(effort),
  };
}

function adaptive(context: ThinkingContext, asked: ReasoningRequest): EncodedThinking {
  const { request, losses, maxTokens } = context;
  const base = { thinking: { type: "adaptive" }, maxTokens, thinks: true };
  if (asked.effort !== undefined && asked.effort !== "none")
    return { ...base, ...withEffort(knownEffort(asked.effort, context)) };
  if (asked.budget === undefined) return base;
  losses.approximated(path(request), "this model takes no thinking budget; the nearest effort is asked for");
  return { ...base, ...withEffort(knownEffort(effortOfBudget(asked.budget), context)) };
}

function withEffort(effort: Effort | undefined): { effort?: Effort } {
  return effort === undefined ? {} : { effort };
}

/** Thinking with `budget_tokens`, which must be 1024 or more and less than `max_tokens`. */
function manual(context: ThinkingContext, asked: ReasoningRequest): EncodedThinking {
  const { request, traits, losses, maxTokens } = context;
  const obstacle = manualObstacle(context);
  if (obstacle !== undefined) {
    losses.dropped(path(request), obstacle);
    return { maxTokens, thinks: false };
  }
  const wanted = Math.max(minBudget, Math.floor(asked.budget ?? thinkingBudgets[asked.effort ?? "medium"]));
  if (asked.budget !== undefined && wanted > asked.budget)
    losses.approximated(path(request), `Anthropic's smallest thinking budget is ${minBudget} tokens`);
  if (request.maxOutputTokens === undefined) {
    const raised = Math.max(maxTokens, wanted + answerRoom);
    const limit = Math.min(raised, traits.maxOutputTokens ?? raised);
    return enabled(Math.min(wanted, limit - 1), limit);
  }
  if (maxTokens <= minBudget) {
    losses.dropped(
      path(request),
      `thinking needs ${minBudget} tokens, which the output limit leaves no room for`,
    );
    return { maxTokens, thinks: false };
  }
  if (wanted < maxTokens) return enabled(wanted, maxTokens);
  losses.approximated(path(request), "the thinking budget is lowered to fit into the output limit");
  return enabled(Math.max(minBudget, Math.min(maxTokens - 1, Math.floor(maxTokens * 0.75))), maxTokens);
}

function enabled(budget: number, maxTokens: number): EncodedThinking {
  return { thinking: { type: "enabled", budget_tokens: budget }, maxTokens, thinks: true };
}

/** Why manual thinking would be answered with 400; undefined when it would not. */
function manualObstacle(context: ThinkingContext): string | undefined {
  if (context.toolsForced) return "Claude does not think when it must call a tool";
  const last = context.messages.at(-1);
  if (last?.role === "assistant" && last.content.at(-1)?.["type"] === "text")
    return "Claude does not think when it continues an assistant turn";
  return lacksSignedThinking(context.messages) ? unsignedCalls : undefined;
}

function knownEffort(
  effort: Exclude<ReasoningRequest["effort"], undefined | "none">,
  context: ThinkingContext,
): Effort | undefined {
  const { request, traits, losses } = context;
  const wanted = effort === "minimal" ? "low" : effort;
  const { efforts } = traits;
  const known = efforts.includes(wanted)
    ? wanted
    : wanted === "xhigh" || wanted === "max"
      ? efforts.at(-1)
      : undefined;
  if (known !== effort)
    losses.approximated(
      path(request),
      known === undefined ? "this model has no effort levels" : `the effort is ${known}`,
    );
  return known;
}

function effortOfBudget(budget: number): Effort {
  if (budget <= thinkingBudgets.low) return "low";
  if (budget <= thinkingBudgets.medium) return "medium";
  return budget <= thinkingBudgets.high ? "high" : "max";
}

function path(request: ConversationRequest): string {
  return clientPath(request, "reasoning");
}
