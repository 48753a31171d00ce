/** What a caller is told that may not go on. */
import { dollars } from "../../policy/money.ts";
import type { Budget, Limit } from "../../policy/quotas.ts";
import type { Refusal } from "../rule.ts";
import { isBudget } from "./steps.ts";

/** Of SDKs that would try again by themselves. Read by OpenAI's and Anthropic's. */
export const doNotRetry = ["x-should-retry", "false"] as const;
/** They wait for so long at most; beyond it a new try is a wasted one. */
const longestWaitMs = 60_000;

/** @param retryAfterMs undefined: never, as the request alone is above the limit */
export function refusedBy(rule: Limit | Budget, retryAfterMs: number | undefined): Refusal {
  const { name } = rule;
  const again = retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) };
  if (isBudget(rule)) {
    const sum = `${usd(rule.nanoUsd)} USD a ${rule.period}`;
    const message =
      retryAfterMs === undefined
        ? `this request alone may cost more than the budget "${name}" of ${sum} has`
        : `the budget "${name}" of ${sum} is spent`;
    const error = { kind: "rate-limit", status: 429, message, code: "insufficient_quota", ...again } as const;
    return { reason: "budget_exceeded", error };
  }
  const what = `the limit "${name}" of ${amountText(rule)}`;
  const message =
    retryAfterMs === undefined ? `this request alone is above ${what}` : `${what} has been reached`;
  const error = { kind: "rate-limit", status: 429, message, code: "rate_limit_exceeded", ...again } as const;
  return { reason: "rate_limited", error };
}

/** Whether an SDK's own second try would be in vain. */
export function isFinal(retryAfterMs: number | undefined): boolean {
  return retryAfterMs === undefined || retryAfterMs > longestWaitMs;
}

/** Nobody can say how the caller stands, and the rule says to refuse then. */
export function notCounted({ name }: Limit | Budget): Refusal {
  const message = `the gateway cannot tell now how "${name}" stands`;
  const error = { kind: "unavailable", status: 503, message, retryAfterSeconds: 1 } as const;
  return { reason: "counters_unavailable", error };
}

/** Its budget cannot be kept by who does not know what a call costs. */
export function unpriced({ name }: Budget): Refusal {
  const message = `the budget "${name}" takes no calls whose price is not known`;
  const error = { kind: "permission", status: 403, message, code: "model_not_priced" } as const;
  return { reason: "model_not_priced", error };
}

/** What a virtual key brings cannot be read: it must not do more than it may. */
export const keyUnreadable: Refusal = {
  reason: "key_limits_unreadable",
  error: { kind: "server", status: 500, message: "the gateway cannot read the limits of this API key" },
};

function amountText({ measure, most, window = "" }: Limit): string {
  switch (measure) {
    case "requests":
    case "tokens":
      return `${most} ${measure} in ${window}`;
    case "nanoUsd":
      return `${usd(most)} USD in ${window}`;
    case "concurrent":
      return `${most} calls at a time`;
    default:
      return measure satisfies never;
  }
}

/** Without zeros that say nothing: `500`, `0.25`. */
function usd(nanoUsd: number): string {
  return dollars(nanoUsd).replace(/\.?0+$/, "");
}
