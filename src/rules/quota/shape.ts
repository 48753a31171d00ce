/** What is asked for in the end: as the client asked, or as budgets that are nearly spent allow. */
import type { Change, RequestContext } from "../rule.ts";
import type { Reached } from "./steps.ts";
import type { Shape } from "./worst-case.ts";

export interface QuotaChange {
  readonly shape: Shape;
  /** Undefined: nothing is changed. */
  readonly ruling: Change | undefined;
  readonly reached: readonly Reached[];
  /** Targets at the head of the chain that have no room. */
  readonly without: number;
}

export function unchanged({ inputTokens, outline, plan }: RequestContext): QuotaChange {
  return { shape: { inputTokens, outline, plan }, ruling: undefined, reached: [], without: 0 };
}

/** The first budget that names a model decides which; of limits on the length the lowest holds. */
export function changeBy(
  asked: RequestContext,
  before: QuotaChange,
  reached: readonly Reached[],
): QuotaChange {
  let plan = asked.plan;
  let tokens: number | undefined;
  let isModelChosen = false;
  for (const { action } of reached) {
    if (action.kind === "max-tokens") tokens = Math.min(tokens ?? action.tokens, action.tokens);
    if (action.kind !== "model" || isModelChosen || action.model === asked.plan.model) continue;
    // Drawn once: a split must not be drawn again for each look at the counters.
    const drawn = before.shape.plan.model === action.model ? before.shape.plan : asked.planFor(action.model);
    if (drawn === undefined) continue;
    plan = drawn;
    isModelChosen = true;
  }
  const isSamePlan = plan.model === before.shape.plan.model;
  const kept = isSamePlan ? before.shape.plan : plan;
  const own = asked.outline.maxOutputTokens;
  const most = tokens === undefined ? own : Math.min(own ?? tokens, tokens);
  const isAsAsked = kept === asked.plan && tokens === undefined;
  const ruling = { plan: kept, ...(tokens !== undefined && { maxOutputTokens: tokens }) };
  return {
    shape: {
      inputTokens: asked.inputTokens,
      outline: { ...asked.outline, maxOutputTokens: most },
      plan: kept,
    },
    ruling: isAsAsked ? undefined : ruling,
    reached,
    without: isSamePlan ? before.without : 0,
  };
}

/** The counters would be asked for the same again. */
export function isSameChange(one: QuotaChange, other: QuotaChange): boolean {
  return (
    one.shape.plan.model === other.shape.plan.model &&
    one.shape.outline.maxOutputTokens === other.shape.outline.maxOutputTokens
  );
}
