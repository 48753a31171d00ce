/** Which counters an exchange is held against, and by how much. */
import { hash } from "node:crypto";
import { type Caller, type CallerField, callerField } from "../../identity/caller.ts";
import type { Budget, Condition, Limit, Measure, Quotas, ScopeField } from "../../policy/quotas.ts";
import type { Claim, Window } from "../../stores/counter-store.ts";
import type { CallContext } from "../rule.ts";
import { calendarWindow } from "./calendar.ts";
import type { WorstCase } from "./worst-case.ts";

/** One counter of an exchange. */
export interface Counted {
  readonly rule: Limit | Budget;
  readonly measure: Measure;
  readonly claim: Claim;
}

/** What is known of the request; undefined: its body has not been read. */
export interface Addressed {
  readonly model: string;
  /** The cluster that is asked first. */
  readonly target: string;
}

/** It can refuse by what the headers say, and the body would change nothing. */
export function isEarly(limit: Limit): boolean {
  const { measure, mode } = limit;
  const counts = measure === "requests" || measure === "concurrent";
  return mode === "enforce" && counts && !mentions(limit, "model") && !dependsOnTarget(limit);
}

export function dependsOnTarget(rule: Limit | Budget): boolean {
  return mentions(rule, "target");
}

function mentions({ by, when }: Limit | Budget, wanted: ScopeField): boolean {
  return by.includes(wanted) || when.some(({ field }) => field === wanted);
}

/** Those of the limits and budgets that are about this call. */
export function countedOf(
  { limits, budgets }: Quotas,
  call: CallContext,
  addressed: Addressed | undefined,
  worst: WorstCase,
  wallMs: number,
): Counted[] {
  const counted: Counted[] = [];
  for (const limit of limits) {
    if (!concerns(limit, call, addressed)) continue;
    const { measure, most, windowMs, mode, onStoreFailure } = limit;
    const window: Window =
      windowMs === undefined ? { kind: "concurrent" } : { kind: "sliding", ms: windowMs };
    const key = keyOf(limit, measure, call, addressed);
    const amount = amountOf(measure, worst);
    const claim = { key, window, limit: most, amount, enforce: mode === "enforce", onStoreFailure };
    counted.push({ rule: limit, measure, claim });
  }
  for (const budget of budgets) {
    if (!concerns(budget, call, addressed)) continue;
    const { period, timeZone, mode, onStoreFailure, steps } = budget;
    const end = steps.find(({ action }) => action.kind === "reject");
    const window = calendarWindow(period, timeZone, wallMs);
    const key = keyOf(budget, "nanoUsd", call, addressed);
    const limit = end?.atNanoUsd ?? Number.MAX_SAFE_INTEGER;
    const enforce = mode === "enforce" && end !== undefined;
    const claim = { key, window, limit, amount: worst.nanoUsd, enforce, onStoreFailure };
    counted.push({ rule: budget, measure: "nanoUsd", claim });
  }
  return counted;
}

/** Where nothing is known but the headers. */
export const nothingWorse: WorstCase = Object.freeze({ tokens: 0, nanoUsd: 0, unpriced: false });

function amountOf(measure: Measure, worst: WorstCase): number {
  switch (measure) {
    case "requests":
    case "concurrent":
      return 1;
    case "tokens":
      return worst.tokens;
    case "nanoUsd":
      return worst.nanoUsd;
    default:
      return measure satisfies never;
  }
}

function concerns({ when }: Limit | Budget, call: CallContext, addressed: Addressed | undefined): boolean {
  return when.every((condition) => holds(condition, fieldValue(condition.field, call, addressed)));
}

function holds({ values }: Condition, value: string | undefined): boolean {
  if (value === undefined) return false;
  return values.some((wanted) =>
    wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : value === wanted,
  );
}

function fieldValue(
  field: ScopeField,
  { caller, route }: CallContext,
  addressed: Addressed | undefined,
): string | undefined {
  if (field === "route") return route;
  if (field === "model" || field === "target") return addressed?.[field];
  if (field.startsWith("tag.")) return tagValue(caller, field.slice(4));
  return callerField(caller, field as CallerField);
}

/** What every object has by itself is no tag. */
function tagValue({ tags }: Caller, name: string): string | undefined {
  return Object.hasOwn(tags, name) ? tags[name] : undefined;
}

/**
 * A digest: values are people's names, and of any length. The rule's name leads, not the route: a rule of a virtual host
 * counts over all of its routes.
 */
function keyOf(
  { name, by }: Limit | Budget,
  measure: Measure,
  call: CallContext,
  addressed: Addressed | undefined,
): string {
  const parts: Array<string | null> = [name, measure];
  for (const field of by) parts.push(field, fieldValue(field, call, addressed) ?? null);
  return digest(JSON.stringify(parts));
}

/** The same callers come again and again: looking a digest up takes a tenth of making it. */
const digests = new Map<string, string>();
const mostDigests = 20_000;
const longestText = 1_024;

function digest(text: string): string {
  const known = digests.get(text);
  if (known !== undefined) return known;
  const made = hash("sha256", text, "base64url").slice(0, 22);
  if (digests.size >= mostDigests) digests.clear();
  if (text.length <= longestText) digests.set(text, made);
  return made;
}
