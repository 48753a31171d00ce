/** What limits and budgets demand of themselves and of the rest of the policy. */
import type { LocatedIssue } from "./issues.ts";
import type { PathSegment } from "./paths.ts";
import { mostCounters, type ScopeField } from "./quotas.ts";
import type { BudgetDocument, LimitDocument, QuotasDocument } from "./quotas-schema.ts";
import { shown } from "./scalars.ts";

/** What the rest of the policy, or the place where the rules stand, has to say. */
export interface Surroundings {
  /** The field can never have a value. */
  isNeverKnown(field: ScopeField): boolean;
  /** The model is served. Undefined: not to be known here. */
  readonly serves: ((model: string) => boolean) | undefined;
  readonly mostCounters?: number;
}

export function ofQuotas(document: QuotasDocument, surroundings: Surroundings): LocatedIssue[] {
  const { limits = [], budgets = [] } = document;
  const most = surroundings.mostCounters ?? mostCounters;
  const named = new Set<string>();
  const issues: LocatedIssue[] = [];
  const ofRule = (at: PathSegment[], rule: LimitDocument | BudgetDocument) => {
    if (named.has(rule.name)) {
      issues.push({ at: [...at, "name"], message: `${shown(rule.name)} is the name of another rule` });
    }
    named.add(rule.name);
    issues.push(...ofScope(at, rule, surroundings));
  };
  limits.forEach((limit, index) => {
    ofRule(["limits", index], limit);
    issues.push(...ofLimit(["limits", index], limit));
  });
  budgets.forEach((budget, index) => {
    ofRule(["budgets", index], budget);
    issues.push(...ofSteps(["budgets", index, "steps"], budget, surroundings));
  });
  const counters = limits.reduce((sum, limit) => sum + measuresOf(limit).length, budgets.length);
  if (counters > most) {
    const at = [limits.length > 0 ? "limits" : "budgets"];
    issues.push({ at, message: `limits and budgets need ${counters} counters; there may be ${most}` });
  }
  return issues;
}

function measuresOf(limit: LimitDocument): string[] {
  return (["requests", "tokens", "concurrent", "usd"] as const).filter((key) => limit[key] !== undefined);
}

function ofScope(
  at: PathSegment[],
  { by, when }: LimitDocument | BudgetDocument,
  { isNeverKnown }: Surroundings,
): LocatedIssue[] {
  const message = (field: string) => `${shown(field)} is never known: identity has no source for it`;
  const issues: LocatedIssue[] = [];
  by.forEach((field, index) => {
    if (isNeverKnown(field)) issues.push({ at: [...at, "by", index], message: message(field) });
  });
  for (const field of Object.keys(when ?? {}) as ScopeField[]) {
    if (isNeverKnown(field)) issues.push({ at: [...at, "when", field], message: message(field) });
  }
  return issues;
}

function ofLimit(at: PathSegment[], limit: LimitDocument): LocatedIssue[] {
  const measures = measuresOf(limit);
  if (measures.length === 0) {
    return [{ at, message: "counts nothing: needs one of requests, tokens, concurrent, usd" }];
  }
  const slides = measures.some((measure) => measure !== "concurrent");
  if (slides && limit.window === undefined) return [{ at: [...at, "window"], message: "required" }];
  if (slides || limit.window === undefined) return [];
  return [{ at: [...at, "window"], message: "concurrent calls are counted as they are, over no window" }];
}

function ofSteps(
  at: PathSegment[],
  { steps = [] }: BudgetDocument,
  { serves }: Surroundings,
): LocatedIssue[] {
  const issues: LocatedIssue[] = [];
  steps.forEach((step, index) => {
    const before = steps[index - 1];
    if (before !== undefined && step.at < before.at) {
      issues.push({ at: [...at, index, "at"], message: "is below the step before it" });
    }
    if (before?.do === "reject") {
      issues.push({ at: [...at, index], message: "is never reached: the step before it rejects" });
    }
    const { do: action } = step;
    if (typeof action !== "object" || action.model === undefined || serves === undefined) return;
    if (!serves(action.model)) {
      const message = `${shown(action.model)} is not in models`;
      issues.push({ at: [...at, index, "do", "model"], message });
    }
  });
  return issues;
}
