/** Envoy's access log against the ledger: whatever answer came to its end is in both, with the same sums. */
import { type KeptExchange, numberOf, whole } from "./books.ts";
import { type Evidence, type Findings, mayBeLost } from "./evidence.ts";

/** @returns what the access log has in nano-dollars, lost rows included */
export function auditAccess(evidence: Evidence, lost: ReadonlySet<number>, findings: Findings): bigint {
  const { access, exchanges, seen } = evidence;
  const byId = new Map<string, KeptExchange>(exchanges.map((exchange) => [exchange.id, exchange]));
  let charged = 0n;
  for (const [id, entry] of access) {
    charged += whole(entry["charged_nano_usd"]);
    const row = byId.get(id)?.row;
    if (row === undefined) {
      findings.check(lost.has(numberOf(id)), "in Envoy's log and in no ledger", () => entry);
      continue;
    }
    for (const [column, field] of columns) {
      const isSame = whole(row[column]) === whole(entry[field]);
      findings.check(isSame, `Envoy was told another ${field}`, () => ({ row, entry }));
    }
  }
  for (const { id, number, row } of exchanges) {
    const call = seen.get(number);
    if (row["outcome"] !== "finished" || call?.isComplete !== true) continue;
    // Settled and written down, and killed before Envoy had the answer: the provider has its money, the client an error.
    const cameToo = whole(row["status"]) === BigInt(call.status) || !mayBeLost(evidence, call);
    findings.check(!cameToo || access.has(id), "answered to its end, and not in Envoy's log", () => ({
      ...{ row, seen: call, entry: evidence.envoyLog.get(number), kills: evidence.kills },
    }));
  }
  return charged;
}

const columns = [
  ["charged_nano_usd", "charged_nano_usd"],
  ["provider_cost_nano_usd", "cost_nano_usd"],
  ["input_tokens", "input_tokens"],
  ["output_tokens", "output_tokens"],
] as const;
