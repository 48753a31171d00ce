/** Limits and budgets from the checked document to what calls are held against. */
import {
  type Budget,
  type BudgetStep,
  type Condition,
  type Limit,
  noQuotas,
  type Quotas,
  type Scope,
  type ScopeField,
  type StepAction,
} from "./quotas.ts";
import type { BudgetDocument, LimitDocument, QuotasDocument, StepDocument } from "./quotas-schema.ts";

/** @param document one that `ofQuotas` found nothing wrong with */
export function quotasOf({ limits = [], budgets = [] }: QuotasDocument): Quotas {
  if (limits.length === 0 && budgets.length === 0) return noQuotas;
  return { limits: limits.flatMap(limitsOf), budgets: budgets.map(budgetOf) };
}

/** One for each thing that it counts: they share a name, and nothing else. */
function limitsOf(document: LimitDocument): Limit[] {
  const { requests, tokens, concurrent, usd, window } = document;
  const scope = scopeOf(document);
  const sliding = { windowMs: window?.ms, window: window?.written };
  const limits: Limit[] = [];
  if (requests !== undefined) limits.push({ ...scope, ...sliding, measure: "requests", most: requests });
  if (tokens !== undefined) limits.push({ ...scope, ...sliding, measure: "tokens", most: tokens });
  if (usd !== undefined) limits.push({ ...scope, ...sliding, measure: "nanoUsd", most: usd });
  if (concurrent !== undefined) {
    const now = { windowMs: undefined, window: undefined };
    limits.push({ ...scope, ...now, measure: "concurrent", most: concurrent });
  }
  return limits;
}

function scopeOf(document: LimitDocument | BudgetDocument): Scope {
  const { name, by, when = {}, mode, on_store_failure: onStoreFailure } = document;
  const conditions = Object.entries(when) as Array<[ScopeField, string[]]>;
  return {
    name,
    by,
    when: conditions.map(([field, values]): Condition => ({ field, values })),
    mode,
    onStoreFailure,
  };
}

const usualSteps: readonly StepDocument[] = [{ at: 1_000_000, do: "reject" }];

function budgetOf(document: BudgetDocument): Budget {
  const { usd, window, time_zone: timeZone, unpriced, steps = usualSteps } = document;
  return {
    ...scopeOf(document),
    nanoUsd: usd,
    period: window,
    timeZone,
    unpriced,
    steps: steps.map((step): BudgetStep => ({ atNanoUsd: share(usd, step.at), action: actionOf(step.do) })),
  };
}

/** @param ppm parts per million of the sum; whole nano-dollars, rounded down */
function share(nanoUsd: number, ppm: number): number {
  return Number((BigInt(nanoUsd) * BigInt(ppm)) / 1_000_000n);
}

/** The schema has seen to it that there is exactly one. */
function actionOf(written: StepDocument["do"]): StepAction {
  if (written === "reject" || written === "warn") return { kind: written };
  const { model, max_tokens: tokens } = written;
  if (model !== undefined) return { kind: "model", model };
  if (tokens !== undefined) return { kind: "max-tokens", tokens };
  throw new Error("a step without anything in it passed the check");
}
