/**
 * The counters against the ledger. What they must hold is the sum over the exchanges that told them; those that did not,
 * because their process was killed first, are known one by one from their leases.
 */
import type { Measure } from "../../../src/policy/quotas.ts";
import { type CounterStanding, countersOf, type KeptExchange, type Lease, numberOf, whole } from "./books.ts";
import { bodyOf, departments } from "./calls.ts";
import { type Evidence, type Findings, mayBeLost, mayBeUncounted } from "./evidence.ts";
import { chains, money } from "./policy.ts";

/** By what exchanges are counted here. */
type Sums = Record<Exclude<Measure, "concurrent">, bigint>;

const nothing: Sums = { requests: 0n, tokens: 0n, nanoUsd: 0n };
const plus = (one: Sums, other: Sums): Sums => ({
  requests: one.requests + other.requests,
  tokens: one.tokens + other.tokens,
  nanoUsd: one.nanoUsd + other.nanoUsd,
});

export interface CounterAudit {
  /** In the ledger, and not in the counters. */
  readonly uncounted: ReadonlySet<KeptExchange>;
  /** In the counters, and not in the ledger; `unknown`: nor in Envoy's log, so that only a bound is known of them. */
  readonly unwritten: number;
  readonly unknown: number;
  /** Leases that killed processes left. */
  readonly left: number;
}

export function auditCounters(
  evidence: Evidence,
  lost: ReadonlySet<number>,
  findings: Findings,
): CounterAudit {
  const { exchanges, leases, standings, access } = evidence;
  const leaseOf = new Map<string, Lease>();
  for (const lease of leases) if (lease.nth === 1) leaseOf.set(lease.exchange, lease);
  const least = new Map<string, Sums>();
  const slack = new Map<string, Sums>();
  const add = (to: Map<string, Sums>, key: string, sums: Sums) =>
    to.set(key, plus(to.get(key) ?? nothing, sums));

  const uncounted = new Set<KeptExchange>();
  for (const exchange of exchanges) {
    const { id, row } = exchange;
    const sums = sumsOf(exchange);
    const lease = leaseOf.get(id);
    const isCounted = lease !== undefined && lease.open === undefined;
    if (!isCounted && sums.requests > 0n) {
      uncounted.add(exchange);
      findings.check(mayBeUncounted(evidence, exchange), "never counted", () => ({ row, lease }));
    } else add(least, keyOf(row), sums);
  }
  const rows = new Set(exchanges.map(({ id }) => id));
  const unwritten = new Set<number>();
  let unknown = 0;
  for (const [id, { open }] of leaseOf) {
    const number = numberOf(id);
    if (rows.has(id) || open !== undefined) continue;
    unwritten.add(number);
    const seen = evidence.seen.get(number);
    const wasKilled = seen !== undefined && mayBeLost(evidence, seen);
    findings.check(wasKilled, "counted, and in no ledger", () => ({ id, seen }));
    const entry = access.get(id);
    if (entry !== undefined) {
      const tokens = whole(entry["input_tokens"]) + whole(entry["output_tokens"]);
      const wasServed = entry["target"] === "" ? 0n : 1n;
      add(least, keyOf(entry), { requests: wasServed, tokens, nanoUsd: whole(entry["charged_nano_usd"]) });
    } else if (seen !== undefined) {
      unknown++;
      add(slack, keyOf(seen.call), worstOf(evidence, number));
    }
  }
  for (const standing of standings) {
    const { counted, level } = standing;
    if (counted.measure === "concurrent") {
      findings.check(level.used === 0, "calls at a time without a call", () => standing);
      continue;
    }
    if (counted.rule.by.includes("target")) continue;
    const at = (sums: Map<string, Sums>) => totalOf(sums, standing)[counted.measure as keyof Sums];
    const used = BigInt(level.used);
    const isRight = used >= at(least) && used <= at(least) + at(slack);
    findings.check(isRight, "a counter that is not the ledger's sum", () => ({
      ...{ tenant: standing.tenant, department: standing.department, rule: counted.rule.name, used },
      ...{ least: at(least), slack: at(slack) },
    }));
  }
  auditTargets(evidence, new Set([...lost, ...unwritten]), findings);
  return { uncounted, unwritten: unwritten.size, unknown, left: auditReservations(evidence, findings) };
}

const keyOf = ({ tenant, department }: { tenant?: unknown; department?: unknown }) =>
  `${tenant} ${department}`;

function sumsOf({ row }: KeptExchange): Sums {
  const wasServed = whole(row["attempts"]) > 0n && row["outcome"] !== "refused";
  return {
    requests: wasServed ? 1n : 0n,
    tokens: whole(row["input_tokens"]) + whole(row["output_tokens"]),
    nanoUsd: whole(row["charged_nano_usd"]),
  };
}

/** One department's, or all of the tenant's where the rule does not tell them apart. */
function totalOf(sums: ReadonlyMap<string, Sums>, { tenant, department, counted }: CounterStanding): Sums {
  const isApart = counted.rule.by.includes("department");
  return departments
    .filter((one) => one.tenant === tenant && (!isApart || one.department === department))
    .map((one) => sums.get(keyOf(one)) ?? nothing)
    .reduce(plus, nothing);
}

/** The most that a call can have been counted with of which nobody but its provider knows, if that. */
function worstOf({ bill, seen }: Evidence, number: number): Sums {
  const call = seen.get(number)?.call;
  const bytes = call === undefined ? 0 : JSON.stringify(bodyOf(call)).length;
  const asked = bill.of(number).map(({ target, input }) => ({ target, input }));
  // Sent, and taken back before it was there.
  const lines = asked.length > 0 ? asked : [{ target: "claude" as const, input: 0 }];
  let worst: Sums = { ...nothing, requests: 1n };
  for (const { target, input } of lines) {
    const [most, output] = [Math.max(input, bytes), call?.maxTokens ?? 256];
    const tokens = BigInt(most + output);
    worst = plus(worst, { requests: 0n, tokens, nanoUsd: money(target, most, output).charged });
  }
  return worst;
}

/** Tokens by the target that used them. Of exchanges that a kill touched it is not known which of theirs were counted. */
function auditTargets(evidence: Evidence, rowless: ReadonlySet<number>, findings: Findings): void {
  const least = new Map<string, bigint>();
  const slack = new Map<string, bigint>();
  const add = (to: Map<string, bigint>, key: string, tokens: bigint) =>
    to.set(key, (to.get(key) ?? 0n) + tokens);
  for (const exchange of evidence.exchanges) {
    const isSure = !mayBeUncounted(evidence, exchange);
    for (const attempt of exchange.attempts) {
      const tokens = whole(attempt["input_tokens"]) + whole(attempt["output_tokens"]);
      add(isSure ? least : slack, `${exchange.row["tenant"]} ${attempt["cluster"]}`, tokens);
    }
  }
  for (const number of rowless) {
    const call = evidence.seen.get(number)?.call;
    if (call === undefined) continue;
    const { tokens } = worstOf(evidence, number);
    for (const target of chains[call.model]) add(slack, `${call.tenant} ${target}`, tokens);
  }
  for (const { tenant, target, counted, level } of evidence.standings) {
    if (!counted.rule.by.includes("target")) continue;
    const key = `${tenant} ${target}`;
    const [low, more, used] = [least.get(key) ?? 0n, slack.get(key) ?? 0n, BigInt(level.used)];
    const isRight = used >= low && used <= low + more;
    findings.check(isRight, "a target's tokens", () => ({ key, used, low, more }));
  }
}

/** What is held is what killed processes held, and only until their leases run out. */
function auditReservations(evidence: Evidence, findings: Findings): number {
  const { leases, standings, policy } = evidence;
  const left = leases.filter(({ open }) => open !== undefined);
  const byId = new Map(evidence.exchanges.map((exchange) => [exchange.id, exchange]));
  for (const lease of left) {
    const exchange = byId.get(lease.exchange);
    const seen = evidence.seen.get(numberOf(lease.exchange));
    const wasKilled =
      exchange === undefined
        ? seen !== undefined && mayBeLost(evidence, seen)
        : mayBeUncounted(evidence, exchange);
    findings.check(wasKilled, "held by nobody who was killed", () => lease);
  }
  for (const { tenant, department } of departments) {
    const rules = countersOf(policy, { tenant, department }, "openai");
    rules.forEach(({ rule, measure }, index) => {
      const held = left
        .filter((lease) => lease.tenant === tenant && (lease.open?.endsMs ?? 0) > evidence.readMs)
        .reduce((sum, { open }) => sum + (open?.amounts[index] ?? 0), 0);
      const reserved = standings
        .filter((one) => one.tenant === tenant && one.counted.rule.name === rule.name)
        .reduce((sum, { level }) => sum + level.reserved, 0);
      findings.check(reserved === held, "held without a lease", () => ({
        rule: rule.name,
        measure,
        reserved,
        held,
      }));
    });
  }
  return left.length;
}
