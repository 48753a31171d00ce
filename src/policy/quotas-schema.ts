/** The schema of `limits` and `budgets`: which calls are counted, in what, over how long, and what follows. */
import { IANAZone } from "luxon";
import { z } from "zod";
import { callerFields } from "../identity/caller.ts";
import { tagName } from "../identity/tags.ts";
import { nanoUsdInAll } from "./money.ts";
import { periods, requestFields, type ScopeField } from "./quotas.ts";
import { amount, duration, fraction, shown, text, wholeNumber } from "./scalars.ts";
import { mapping, word } from "./shapes.ts";
import { suggestion } from "./suggestion.ts";

const mostRules = 16;
const mostFields = 8;
const mostValues = 100;
const mostSteps = 8;
const mostCounted = 1_000_000_000_000;
const secondMs = 1_000;
const longestWindowMs = 31 * 86_400_000;
/** Ten times over: a budget whose last word comes later is a slip. */
const highestStep = 10;

const fields: readonly string[] = [...callerFields, ...requestFields];

function isScopeField(written: unknown): written is ScopeField {
  if (typeof written !== "string") return false;
  return fields.includes(written) || (written.startsWith("tag.") && tagName.test(written.slice(4)));
}

const scopeField = z.unknown().transform((value, context): ScopeField => {
  if (isScopeField(value)) return value;
  const near = typeof value === "string" ? suggestion(value, fields) : "";
  const message = `unknown field ${shown(value)}${near}; available: ${fields.join(", ")}, tag.NAME`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const conditionValue = text("a value").refine(
  (value) => !value.slice(0, -1).includes("*"),
  "* may stand only once, at the end",
);
/** One value, or a list of which one must be the call's. */
const conditionValues = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(conditionValue).min(1).max(mostValues),
);
const conditions = z
  .record(scopeField, conditionValues)
  .refine((when) => Object.keys(when).length <= mostFields, `has more than ${mostFields} entries`);

const ruleName = text("a name").refine(
  (name) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name),
  'expected a name of letters, digits, "_", "." and "-", 64 at most',
);

const scope = {
  name: ruleName,
  by: z
    .array(scopeField)
    .max(mostFields)
    .refine((list) => new Set(list).size === list.length, "names one twice")
    .default([]),
  when: conditions.optional(),
  mode: word("mode", ["enforce", "observe"]).default("enforce"),
  on_store_failure: word("choice", ["allow", "refuse"]).default("allow"),
};

const usd = amount("USD", nanoUsdInAll);

const limit = mapping({
  ...scope,
  requests: wholeNumber(1, mostCounted).optional(),
  tokens: wholeNumber(1, mostCounted).optional(),
  concurrent: wholeNumber(1, 1_000_000).optional(),
  usd: usd.optional(),
  window: z
    .unknown()
    .transform((written, context) => {
      const ms = duration(secondMs, longestWindowMs).safeParse(written);
      if (ms.success) return { ms: ms.data, written: String(written) };
      for (const issue of ms.error.issues) context.addIssue({ code: "custom", message: issue.message });
      return z.NEVER;
    })
    .optional(),
});

const timeZone = text("a time zone").refine(
  (name) => IANAZone.isValidZone(name),
  "expected a time zone of the IANA database, e.g. Europe/Berlin or UTC",
);

const wordedActions = ["reject", "warn"] as const;
const change = mapping({
  model: text("the name of a model").optional(),
  max_tokens: wholeNumber(1, 10_000_000).optional(),
}).refine(
  ({ model, max_tokens: tokens }) => (model === undefined) !== (tokens === undefined),
  "expected one of model, max_tokens",
);
const action = z.unknown().transform((value, context) => {
  const isMapping = typeof value === "object" && value !== null;
  const planned: ReadonlySet<unknown> = new Set(["cache_only"]);
  const parsed = (isMapping ? change : word("step", wordedActions, planned)).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    context.addIssue({ code: "custom", message: issue.message, path: [...issue.path] });
  }
  return z.NEVER;
});

const budget = mapping({
  ...scope,
  usd: usd.refine((nanoUsd) => nanoUsd > 0, "must be more than 0"),
  window: word("period", periods),
  time_zone: timeZone.default("UTC"),
  unpriced: word("choice", ["allow", "refuse"]).default("allow"),
  steps: z
    .array(mapping({ at: fraction(highestStep), do: action }))
    .min(1)
    .max(mostSteps)
    .optional(),
});

export const limits = z.array(limit).max(mostRules);
export const budgets = z.array(budget).max(mostRules);

/** What a virtual key brings of its own. */
export const keyQuotasSchema = mapping({ limits: limits.default([]), budgets: budgets.default([]) });

/** Limits and budgets, wherever they stand. */
export interface QuotasDocument {
  readonly limits?: readonly LimitDocument[] | undefined;
  readonly budgets?: readonly BudgetDocument[] | undefined;
}

export type LimitDocument = z.output<typeof limit>;
export type BudgetDocument = z.output<typeof budget>;
export type StepDocument = NonNullable<BudgetDocument["steps"]>[number];
