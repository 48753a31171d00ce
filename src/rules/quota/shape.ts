/** What is asked for in the end: as the client asked, or as budgets that are nearly spent allow. */
import type { Target } from "../../policy/policy.ts";
import type { Change, Plan, RequestContext } from "../rule.ts";
import type { Reached } from "./steps.ts";
import type { Shape } from "./worst-case.ts";

export interface QuotaChange {
  readonly shape: Shape;
  /** Undefined: nothing is changed. */
  readonly ruling: Change | undefined;
  readonly reached: readonly Reached[];
}

export function unchanged({ inputTokens, outline, plan }: RequestContext): QuotaChange {
  return { shape: { inputTokens, outline, plan }, ruling: undefined, reached: [] };
}

/** The first budget that names a model decides which; of limits on the length the lowest holds. */
export function changeBy(
  asked: RequestContext,
  before: QuotaChange,
  reached: readonly Reached[],
): QuotaChange {
  const plan = planBy(asked, before.shape.plan, reached);
  const tokens = lowest(reached);
  const own = asked.outline.maxOutputTokens;
  const maxOutputTokens = tokens === undefined ? own : Math.min(own ?? tokens, tokens);
  const isAsAsked = plan === asked.plan && tokens === undefined;
  return {
    shape: { inputTokens: asked.inputTokens, outline: { ...asked.outline, maxOutputTokens }, plan },
    ruling: isAsAsked ? undefined : { plan, ...(tokens !== undefined && { maxOutputTokens: tokens }) },
    reached,
  };
}

/** The same from other targets. @param chain at least one */
export function onto(change: QuotaChange, chain: readonly Target[]): QuotaChange {
  const plan = { ...change.shape.plan, chain };
  return { ...change, shape: { ...change.shape, plan }, ruling: { ...change.ruling, plan } };
}

/** The counters would be asked for the same again. */
export function isSameChange(one: QuotaChange, other: QuotaChange): boolean {
  return (
    one.shape.plan.model === other.shape.plan.model &&
    one.shape.outline.maxOutputTokens === other.shape.outline.maxOutputTokens
  );
}

/** A plan that has been drawn stands: a split must not be drawn again for each look at the counters. */
function planBy(asked: RequestContext, before: Plan, reached: readonly Reached[]): Plan {
  for (const { action } of reached) {
    if (action.kind !== "model" || action.model === asked.plan.model) continue;
    const plan = before.model === action.model ? before : asked.planFor(action.model);
    // A key's budget may name a model that this route does not have.
    if (plan !== undefined) return plan;
  }
  return before.model === asked.plan.model ? before : asked.plan;
}

function lowest(reached: readonly Reached[]): number | undefined {
  const limits = reached.flatMap(({ action }) => (action.kind === "max-tokens" ? [action.tokens] : []));
  return limits.length === 0 ? undefined : Math.min(...limits);
}
