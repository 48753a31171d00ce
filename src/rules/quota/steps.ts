/** What is done on the way to a budget's end. */
import type { Budget, StepAction } from "../../policy/quotas.ts";
import type { Level } from "../../stores/counter-store.ts";
import type { Counted } from "./counted.ts";

/** A step that a budget has come to. */
export interface Reached {
  readonly budget: Budget;
  readonly action: Exclude<StepAction, { kind: "reject" }>;
  /** Settled and held by others, of the whole budget. From 0. */
  readonly share: number;
}

export function isBudget(rule: Counted["rule"]): rule is Budget {
  return "steps" in rule;
}

/**
 * The steps that enforced budgets have come to without this exchange: of each kind the last.
 *
 * @param levels per counter, before this exchange
 */
export function reachedSteps(counted: readonly Counted[], levels: readonly Level[]): Reached[] {
  return counted.flatMap(({ rule }, index) => {
    const level = levels[index];
    if (!isBudget(rule) || rule.mode !== "enforce" || level === undefined) return [];
    const spent = level.used + level.reserved;
    const last = new Map<string, Reached>();
    for (const { atNanoUsd, action } of rule.steps) {
      if (spent < atNanoUsd || action.kind === "reject") continue;
      last.set(action.kind, { budget: rule, action, share: spent / rule.nanoUsd });
    }
    return [...last.values()];
  });
}

/** Of the earlier steps those are kept that are not to be seen any more: a step that was taken is not taken back. */
export function withEarlier(earlier: readonly Reached[], now: readonly Reached[]): Reached[] {
  const isSame = (one: Reached, other: Reached) =>
    one.budget === other.budget && one.action.kind === other.action.kind;
  return [...earlier.filter((one) => !now.some((other) => isSame(one, other))), ...now];
}

/** `dept;used=0.83;do=warn`, as a list of structured fields (RFC 8941). */
export function budgetHeader(reached: readonly Reached[]): string {
  return reached
    .map(({ budget, action, share }) => `${budget.name};used=${share.toFixed(2)};do=${words[action.kind]}`)
    .join(", ");
}

const words: Readonly<Record<Reached["action"]["kind"], string>> = {
  warn: "warn",
  model: "model",
  "max-tokens": "max_tokens",
};
