/** What a policy, or a virtual key, says of limits and budgets, compiled. */
import type { CallerField } from "../identity/caller.ts";

/** What calls are told apart by. `tag.NAME` is a free tag of the caller. */
export type ScopeField = CallerField | RequestField | `tag.${string}`;
/** `model`: as the client asked; `target`: the cluster that is asked first. */
export const requestFields = ["model", "target", "route"] as const;
type RequestField = (typeof requestFields)[number];

/** Holds when the field's value is one of these: exact, or the beginning before a `*`. */
export interface Condition {
  readonly field: ScopeField;
  readonly values: readonly string[];
}

/** Which calls a rule is about, and how strictly. */
export interface Scope {
  readonly name: string;
  /** Each combination of values has a counter of its own; calls of which nothing is known share one. */
  readonly by: readonly ScopeField[];
  /** All must hold. */
  readonly when: readonly Condition[];
  /** `observe`: counted and reported, never the reason for a no. */
  readonly mode: "enforce" | "observe";
  readonly onStoreFailure: "allow" | "refuse";
}

/** `nanoUsd` is what callers are charged; `tokens` are input and output together. */
export type Measure = "requests" | "tokens" | "concurrent" | "nanoUsd";

export interface Limit extends Scope {
  readonly measure: Measure;
  readonly most: number;
  /** Milliseconds, sliding; undefined for `concurrent`. */
  readonly windowMs: number | undefined;
  /** As written, for people: `1m`. */
  readonly window: string | undefined;
}

export const periods = ["day", "week", "month"] as const;
export type Period = (typeof periods)[number];

/** What is done from some share of a budget on. */
export type StepAction =
  | { readonly kind: "warn" }
  | { readonly kind: "max-tokens"; readonly tokens: number }
  | { readonly kind: "model"; readonly model: string }
  | { readonly kind: "reject" };

export interface BudgetStep {
  /** Of the budget, in nano-dollars. */
  readonly atNanoUsd: number;
  readonly action: StepAction;
}

export interface Budget extends Scope {
  readonly nanoUsd: number;
  readonly period: Period;
  /** IANA. */
  readonly timeZone: string;
  /** In rising order. */
  readonly steps: readonly BudgetStep[];
  /** Calls whose price nobody knows. */
  readonly unpriced: "allow" | "refuse";
}

export interface Quotas {
  readonly limits: readonly Limit[];
  readonly budgets: readonly Budget[];
}

export const noQuotas: Quotas = Object.freeze({ limits: [], budgets: [] });

/** Counters that one call may touch: the policy's and its key's together are what a store takes at once. */
export const mostCounters = 24;
export const mostKeyCounters = 8;
