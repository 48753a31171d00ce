/**
 * Reasoning: efforts and budgets, to `thinkingConfig` and back.
 *
 * Source: https://ai.google.dev/gemini-api/docs/thinking
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, ReasoningRequest } from "../../conversation/request.ts";
import { booleanField, numberField, stringField } from "../../json/fields.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import { thinkingBudgets } from "../thinking-budgets.ts";
import type { ModelTraits, ThinkingLevel } from "./model-traits.ts";

type Effort = Exclude<ReasoningRequest["effort"], undefined | "none">;

const levelOf: Readonly<Record<Effort, ThinkingLevel>> = {
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
};
const strength: readonly ThinkingLevel[] = ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
/** `thinkingBudget` of a model that shall decide by itself. */
const dynamic = -1;

/** @param config in camelCase; undefined when it says nothing of how hard to think */
export function decodeThinking(config: JsonObject, at: string): ReasoningRequest | undefined {
  const budget = numberField(config, "thinkingBudget", at);
  const level = stringField(config, "thinkingLevel", at)?.toUpperCase();
  const shown = booleanField(config, "includeThoughts", at) === true;
  if (budget === 0) return { enabled: false };
  const known = strength.find((one) => one === level);
  const effort = known && { effort: known.toLowerCase() as "minimal" | "low" | "medium" | "high" };
  if (budget === undefined && effort === undefined) return shown ? { enabled: true } : undefined;
  return { enabled: true, ...effort, ...(budget !== undefined && budget > 0 && { budget }) };
}

/** Undefined when there is nothing to say, or the model does not think; that is reported. */
export function encodeThinking(
  request: ConversationRequest,
  traits: ModelTraits,
  losses: Losses,
): JsonObject | undefined {
  const { reasoning } = request;
  if (reasoning === undefined) return undefined;
  const path = clientPath(request, "reasoning");
  const rests = !reasoning.enabled || reasoning.effort === "none";
  switch (traits.thinking) {
    case "none":
      if (!rests) losses.dropped(path, "this model does not think");
      return undefined;
    case "budget":
      return rests ? restBudget(traits, path, losses) : withBudget(reasoning, traits, path, losses);
    case "level":
      return rests ? restLevel(traits, path, losses) : withLevel(reasoning, traits, path, losses);
    default: {
      const never: never = traits.thinking;
      return never;
    }
  }
}

function restBudget(traits: ModelTraits, path: string, losses: Losses): JsonObject {
  if (traits.canRest) return { thinkingBudget: 0 };
  losses.approximated(path, `this model always thinks; it gets the least budget, ${traits.leastBudget}`);
  return { thinkingBudget: traits.leastBudget };
}

function restLevel(traits: ModelTraits, path: string, losses: Losses): JsonObject {
  losses.approximated(path, "this model always thinks; it is asked for the lowest level");
  return { thinkingLevel: traits.levels[0] ?? "LOW" };
}

function withBudget(
  { budget, effort }: ReasoningRequest,
  traits: ModelTraits,
  path: string,
  losses: Losses,
): JsonObject {
  const wanted = budget ?? (effort === undefined || effort === "none" ? dynamic : thinkingBudgets[effort]);
  const clamped = Math.min(traits.mostBudget, Math.max(traits.leastBudget, Math.floor(wanted)));
  const thinkingBudget = wanted === dynamic ? dynamic : clamped;
  if (budget !== undefined && thinkingBudget !== budget)
    losses.approximated(
      path,
      `this model's thinking budget is ${traits.leastBudget} to ${traits.mostBudget}`,
    );
  return { thinkingBudget, includeThoughts: true };
}

function withLevel(
  { budget, effort }: ReasoningRequest,
  traits: ModelTraits,
  path: string,
  losses: Losses,
): JsonObject {
  if (effort === undefined || effort === "none") {
    if (budget === undefined) return { includeThoughts: true };
    losses.approximated(path, "this model takes no thinking budget; the nearest level is asked for");
    return { thinkingLevel: nearest(levelOfBudget(budget), traits), includeThoughts: true };
  }
  const thinkingLevel = nearest(levelOf[effort], traits);
  if (thinkingLevel.toLowerCase() !== effort)
    losses.approximated(path, `the thinking level is ${thinkingLevel}`);
  return { thinkingLevel, includeThoughts: true };
}

/** The level itself, or else the next stronger one that the model has. */
function nearest(level: ThinkingLevel, { levels }: ModelTraits): ThinkingLevel {
  const least = strength.indexOf(level);
  return levels.find((one) => strength.indexOf(one) >= least) ?? "HIGH";
}

function levelOfBudget(budget: number): ThinkingLevel {
  if (budget <= thinkingBudgets.low) return "LOW";
  return budget <= thinkingBudgets.medium ? "MEDIUM" : "HIGH";
}
