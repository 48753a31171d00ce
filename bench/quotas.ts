/** The policy of the route whose calls are counted; nothing is ever refused by it. */
import type { JsonObject } from "../src/json/types.ts";

/** Of the paths of calls that are held against limits. */
export const quotaPrefix = "/metered/";

export const threeLimitsAndABudget: JsonObject = {
  limits: [
    { name: "requests", by: ["user"], requests: 1_000_000_000, window: "1m" },
    { name: "tokens", by: ["user", "model"], tokens: 1_000_000_000_000, window: "1h" },
    { name: "at-once", by: ["user"], concurrent: 1_000_000 },
  ],
  budgets: [{ name: "department", by: ["department"], usd: 9_000_000, window: "month" }],
};
