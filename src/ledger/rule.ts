/**
 * Refuses while the ledger has no room for what it would have to keep: for those who would rather not serve than serve
 * what nobody is charged for (`TOLLGATE_LEDGER_WHEN_FULL=refuse`).
 */
import type { Refusal, Rule } from "../rules/rule.ts";

const full: Refusal = {
  reason: "ledger_full",
  error: { kind: "unavailable", status: 503, message: "the gateway cannot keep account of calls now" },
};

/** @param ledger is filling while there is still room for the exchanges that are open */
export function roomInLedger(ledger: { readonly isFilling: boolean }): Rule {
  const hooks = { arrive: () => (ledger.isFilling ? full : undefined) };
  return { name: "ledger", open: () => hooks };
}
