/**
 * Budgets that run out. A call goes on only while what is spent, what is held and the most that it may come to fit; so when
 * the last one went on, all of it did fit, and nothing was spent above the budget but by what exchanges came to beyond what
 * they had reserved, those under way at that moment. What the counters never heard of comes on top.
 */
import { type KeptExchange, whole } from "./books.ts";
import { departments } from "./calls.ts";
import type { Evidence, Findings } from "./evidence.ts";
import { frugal } from "./policy.ts";

export interface BudgetAudit {
  /** Of all such departments together. Nano-dollars; below zero: something is left. */
  readonly overspent: bigint;
  readonly bound: bigint;
  readonly refused: number;
}

export function auditBudgets(
  evidence: Evidence,
  uncounted: ReadonlySet<KeptExchange>,
  smallNanoUsd: number,
  findings: Findings,
): BudgetAudit {
  const { exchanges, seen } = evidence;
  let [overspent, bound, refused] = [0n, 0n, 0];
  for (const { tenant, department } of departments) {
    if (tenant !== frugal) continue;
    const own = exchanges.filter(({ row }) => row["tenant"] === tenant && row["department"] === department);
    const no = own.filter(({ row }) => row["reason"] === "budget_exceeded");
    findings.check(no.length > 0, `${department} never ran out of its budget`);
    refused += no.length;
    const went = own.filter(({ row }) => whole(row["attempts"]) > 0n);
    const lastMs = went.reduce((last, { number }) => Math.max(last, seen.get(number)?.startMs ?? 0), 0);
    const beyond = went
      .filter(({ row }) => Number(row["settled_at_ms"]) >= lastMs)
      .map(({ row }) => whole(row["charged_nano_usd"]) - whole(row["reserved_nano_usd"]))
      .filter((excess) => excess > 0n);
    const unheard = own.filter((one) => uncounted.has(one)).map(({ row }) => whole(row["charged_nano_usd"]));
    const most = [...beyond, ...unheard].reduce((sum, one) => sum + one, 0n);
    const over =
      went.reduce((sum, { row }) => sum + whole(row["charged_nano_usd"]), 0n) - BigInt(smallNanoUsd);
    findings.check(over <= most, "a budget overspent", () => ({
      ...{
        department,
        over,
        most,
        counters: evidence.standings.filter((one) => one.department === department),
      },
    }));
    overspent += over;
    bound += most;
  }
  return { overspent, bound, refused };
}
