/**
 * Limits and budgets of a virtual key, as `tollgate keys create --limits` takes them: `{"limits": […], "budgets": […]}`
 * with entries as in a policy. Each is the key's own: it counts by `key`, whatever else it counts by.
 */
import type { JsonObject } from "../json/types.ts";
import { issuesOf, wording } from "./issues.ts";
import { policyError } from "./policy-error.ts";
import { mostKeyCounters, type Quotas, type Scope } from "./quotas.ts";
import { ofQuotas } from "./quotas-agreement.ts";
import { quotasOf } from "./quotas-compile.ts";
import { keyQuotasSchema } from "./quotas-schema.ts";

/** @throws PolicyError with everything that is wrong */
export function keyQuotas(written: JsonObject): Quotas {
  const parsed = keyQuotasSchema.safeParse(written, { error: wording });
  if (!parsed.success) throw policyError(issuesOf(parsed.error));
  // Which models are served is for each route to say.
  const surroundings = { isNeverKnown: () => false, serves: undefined, mostCounters: mostKeyCounters };
  const issues = ofQuotas(parsed.data, surroundings);
  if (issues.length > 0) throw policyError(issues);
  const { limits, budgets } = quotasOf(parsed.data);
  return { limits: limits.map(ofTheKey), budgets: budgets.map(ofTheKey) };
}

/** By a name that no policy can give. */
function ofTheKey<Rule extends Scope>(rule: Rule): Rule {
  const by: Rule["by"] = rule.by.includes("key") ? rule.by : ["key", ...rule.by];
  return { ...rule, name: `key:${rule.name}`, by };
}
