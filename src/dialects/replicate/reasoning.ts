/** How hard to think, for which each vendor's schema has fields of its own. */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, ReasoningRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import { thinkingBudgets } from "../thinking-budgets.ts";
import type { ModelTraits, ReasoningTraits } from "./model-traits.ts";

type Effort = NonNullable<ReasoningRequest["effort"]>;

/** The least first. */
const strength: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
/** Of `thinking_budget_tokens`. */
const extended = { least: 1024, most: 64_000 } as const;

/** Fields of the input. Nothing when nothing was asked for. */
export function encodeReasoning(
  request: ConversationRequest,
  { reasoning: traits }: ModelTraits,
  losses: Losses,
): JsonObject {
  const { reasoning } = request;
  if (reasoning === undefined) return {};
  const path = clientPath(request, "reasoning");
  const rests = !reasoning.enabled || reasoning.effort === "none";
  switch (traits.kind) {
    case "none":
      if (!rests) losses.dropped(path, "this model cannot be asked to think");
      return {};
    case "effort":
      return { [traits.field]: level(reasoning, rests, traits, path, losses) };
    case "extended":
      return rests ? {} : thinking(budgetOf(reasoning), request.maxOutputTokens, path, losses);
    case "budget":
      if (rests) return { thinking_budget: 0, dynamic_thinking: false };
      if (reasoning.budget === undefined && reasoning.effort === undefined) return { dynamic_thinking: true };
      return { thinking_budget: budgetOf(reasoning), dynamic_thinking: false };
    default: {
      const never: never = traits;
      return never;
    }
  }
}

function budgetOf({ budget, effort }: ReasoningRequest): number {
  return budget ?? thinkingBudgets[effort ?? "medium"];
}

/** The nearest level that there is; of two that are as near the higher. */
function level(
  { effort, budget }: ReasoningRequest,
  rests: boolean,
  { levels, rests: canRest }: Extract<ReasoningTraits, { kind: "effort" }>,
  path: string,
  losses: Losses,
): Effort {
  const [least = "low"] = levels;
  if (rests) {
    if (!canRest) losses.approximated(path, `this model always thinks; the effort is ${least}`);
    return least;
  }
  const wanted = effort ?? (budget === undefined ? "medium" : effortOf(budget));
  const distance = (one: Effort) => Math.abs(strength.indexOf(one) - strength.indexOf(wanted));
  const near = levels.reduceRight((best, one) => (distance(one) < distance(best) ? one : best));
  const isAsked = near === wanted && budget === undefined;
  if (!isAsked && (effort ?? budget) !== undefined) losses.approximated(path, `the effort is ${near}`);
  return near;
}

function effortOf(budget: number): Effort {
  return strength.find((effort) => budget <= thinkingBudgets[effort]) ?? "high";
}

/** The limit of the output holds the thinking as well. */
function thinking(wanted: number, limit: number | undefined, path: string, losses: Losses): JsonObject {
  const most = limit === undefined ? extended.most : limit - 1;
  if (most < extended.least) {
    losses.dropped(path, `the limit of the output leaves no ${extended.least} tokens to think`);
    return {};
  }
  const budget = Math.min(Math.max(wanted, extended.least), most, extended.most);
  if (budget !== wanted) losses.approximated(path, `the budget is ${budget} tokens`);
  return { extended_thinking: true, thinking_budget_tokens: budget };
}
