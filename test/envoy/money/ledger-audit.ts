/** The ledger against the provider's own bill and what the clients saw: each exchange once, to the nano-dollar. */
import type { Row } from "../../../src/database/database.ts";
import type { BillLine } from "./bill.ts";
import { type KeptExchange, numberOf, whole } from "./books.ts";
import { bodyOf } from "./calls.ts";
import type { Seen } from "./clients.ts";
import { cameInVain, type Evidence, type Findings, mayBeLost } from "./evidence.ts";
import { money, perTryMs, type TargetName } from "./policy.ts";

export interface LedgerAudit {
  /** Numbers of calls that the provider or Envoy knows of, and the ledger does not. */
  readonly lost: ReadonlySet<number>;
  /** Whose usage the provider reported. */
  readonly exact: number;
  readonly estimated: number;
  /** What the provider bills for the exact ones. Nano-dollars. */
  readonly owed: bigint;
  /** How long before its kill the first lost one had ended, as its client saw it. Milliseconds. */
  readonly unwrittenMs: number;
}

/** Output of answers without a limit that nobody waited for: see `unlearnedOutput`. */
const mostGuessed = 256;

export function auditLedger(evidence: Evidence, findings: Findings): LedgerAudit {
  const { exchanges, seen, bill } = evidence;
  const ids = new Set(exchanges.map(({ id }) => id));
  findings.check(ids.size === exchanges.length, "an exchange is in two ledgers");
  const known = new Map<number, KeptExchange>();
  let [exact, estimated, owed] = [0, 0, 0n];
  for (const exchange of exchanges) {
    const { number, row } = exchange;
    const call = seen.get(number);
    if (call === undefined) {
      findings.wrong("a row of a call that nobody made", row);
      continue;
    }
    findings.check(!known.has(number), "two rows of one call", () => [row, known.get(number)?.row]);
    known.set(number, exchange);
    const judged = judge(exchange, call, bill.of(number), findings);
    if (judged.isEstimated) estimated++;
    else exact++;
    owed += judged.owed;
  }
  auditHours(evidence, findings);
  const lost = new Set<number>();
  let unwrittenMs = 0;
  const logged = new Set([...evidence.access.keys()].map(numberOf));
  for (const [number, call] of seen) {
    if (known.has(number)) continue;
    const wasThere = bill.of(number).length > 0 || logged.has(number);
    if (!wasThere && (call.left || cameInVain(evidence, call))) continue;
    lost.add(number);
    const beforeMs = evidence.kills
      .filter(({ gateway }) => gateway === call.gateway)
      .map(({ killedMs }) => killedMs - call.endMs)
      .reduce((nearest, ms) => (Math.abs(ms) < Math.abs(nearest) ? ms : nearest), Number.NEGATIVE_INFINITY);
    unwrittenMs = Math.max(unwrittenMs, beforeMs);
    findings.check(mayBeLost(evidence, call), "a call without a row", () => [call, bill.of(number)]);
  }
  return { lost, exact, estimated, owed, unwrittenMs };
}

function judge(
  { row, attempts }: KeptExchange,
  seen: Seen,
  lines: readonly BillLine[],
  findings: Findings,
): { isEstimated: boolean; owed: bigint } {
  const facts = () => ({ row, attempts, seen, lines });
  for (const column of ["input_tokens", "output_tokens", "provider_cost_nano_usd", "charged_nano_usd"]) {
    const sum = attempts.reduce((all, attempt) => all + whole(attempt[column]), 0n);
    findings.check(whole(row[column]) === sum, `${column} is not the sum of the attempts'`, facts);
  }
  const { tenant, department, user } = seen.call;
  const isTheirs = row["tenant"] === tenant && row["department"] === department && row["user_id"] === user;
  findings.check(isTheirs, "a row of somebody else", facts);
  if (seen.cost !== undefined && seen.isComplete && !seen.call.stream) {
    const told = whole(seen.cost.replace(".", ""));
    findings.check(told === whole(row["charged_nano_usd"]), "the client was told another cost", facts);
  }
  const isEstimated = whole(row["estimated"]) === 1n;
  findings.check(!isEstimated || isExcused(seen, attempts, lines), "estimated without a reason", facts);
  let owed = 0n;
  for (const attempt of attempts) {
    const target = String(attempt["cluster"]) as TargetName;
    const [input, output] = [whole(attempt["input_tokens"]), whole(attempt["output_tokens"])];
    const due = money(target, input, output);
    const isPriced =
      whole(attempt["provider_cost_nano_usd"]) === due.owed &&
      whole(attempt["charged_nano_usd"]) === due.charged;
    findings.check(isPriced, "an attempt at another price", facts);
    // A try whose time ran out may come to its provider after the next one.
    const own = lines.filter((one) => one.target === target);
    if (attempt["result"] === "200" && (!isEstimated || row["outcome"] === "finished")) {
      const isBilled = own.some(
        ({ act, ...line }) =>
          (act === "whole" || act === "stream") &&
          input === BigInt(line.input) &&
          output === BigInt(line.output),
      );
      findings.check(isBilled, "not what the provider bills", facts);
      owed += due.owed;
    } else if (isEstimated && mayBeEstimated(attempt)) {
      findings.check(isWithinRule(seen, attempt, own), "an estimate against the rule", facts);
    } else {
      findings.check(input === 0n && output === 0n, "billed for nothing", facts);
    }
  }
  if (row["outcome"] === "refused")
    findings.check(lines.length === 0, "refused, and sent all the same", facts);
  return { isEstimated, owed };
}

/** Something kept the provider's count from the gateway. */
function isExcused(seen: Seen, attempts: readonly Row[], lines: readonly BillLine[]): boolean {
  const ranOut = attempts.filter(({ result }) => result === "timeout").length;
  // Each of them took its time, as the client saw it.
  if (ranOut > 0) return seen.endMs - seen.startMs >= ranOut * perTryMs * 0.95;
  return seen.left || lines.some(({ act }) => act === "break");
}

const mayBeEstimated = ({ result }: Row) => ["200", "timeout", "cancelled"].includes(String(result));

/** Never less than was delivered, never more than was asked for; where the provider stops, no more than it wrote. */
function isWithinRule({ call, words }: Seen, attempt: Row, lines: readonly BillLine[]): boolean {
  const [input, output] = [Number(attempt["input_tokens"]), Number(attempt["output_tokens"])];
  const delivered = attempt["result"] === "200" ? words : 0;
  const stops = call.stream && attempt["cluster"] !== "groq";
  const asked = Math.max(call.maxTokens ?? mostGuessed, delivered);
  const most = stops ? Math.min(asked, Math.max(1, ...lines.map((line) => line.words))) : asked;
  return output >= delivered && output <= most && input >= 0 && input <= JSON.stringify(bodyOf(call)).length;
}

/** Sums by the hour are those of the rows. */
function auditHours({ hourly, exchanges }: Evidence, findings: Findings): void {
  for (const column of ["charged_nano_usd", "provider_cost_nano_usd", "input_tokens", "output_tokens"]) {
    const byHour = hourly.reduce((sum, row) => sum + whole(row[column]), 0n);
    const byRow = exchanges.reduce((sum, { row }) => sum + whole(row[column]), 0n);
    findings.check(byHour === byRow, `the hours' ${column}`, () => ({ byHour, byRow }));
  }
  const counted = hourly.reduce((sum, row) => sum + Number(row["exchanges"]), 0);
  findings.check(counted === exchanges.length, "the hours' exchanges", () => [counted, exchanges.length]);
}
