import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { isObject } from "../../../src/json/types.ts";
import { leaseMs } from "../../../src/rules/quota/held.ts";
import { logMessages } from "../../../src/telemetry/names.ts";
import { redisBinary } from "../../contract/stores/redis-binary.ts";
import { startRedis } from "../../contract/stores/redis-server.ts";
import { auditAccess } from "./access-audit.ts";
import { Bill } from "./bill.ts";
import { Leases, reading, readLedgers, shortestKept, standings } from "./books.ts";
import { auditBudgets } from "./budget-audit.ts";
import { unleash } from "./chaos.ts";
import { Clients } from "./clients.ts";
import { auditCounters } from "./counter-audit.ts";
import { type Evidence, Findings } from "./evidence.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { auditLedger } from "./ledger-audit.ts";
import { compiledPolicy, policyMetadata } from "./policy.ts";
import { startProviders } from "./providers.ts";

// Who used what, after everything that can happen: the ledger, the counters, Envoy's log, the clients' headers and the
// providers' own bill are one truth. The seed says what happens; MONEY_SEED and MONEY_EXCHANGES choose.

const seed = Number(process.env["MONEY_SEED"] ?? Math.floor(Math.random() * 1e9));
const calls = Number(process.env["MONEY_EXCHANGES"] ?? 2_000);
const isLong = calls >= 20_000;
const disasters = isLong ? Math.floor(calls / 2_000) : 6;
/** Some half of what the departments of the frugal tenant ask for. */
const smallNanoUsd = calls * 25_000;
const binary = (await redisBinary()) ?? "";

/** Nothing is open, nothing waits. Leases of the killed are left. */
async function drained(fleet: Fleet): Promise<void> {
  const gauges = ["inflight_exchanges", "counters_backlog", "ledger_backlog_bytes"];
  const waiting = async () => {
    const found: Record<string, number> = {};
    for (const index of fleet.members.keys()) {
      for (const name of gauges) found[`${index} ${name}`] = await fleet.metric(index, `tollgate_${name}`);
    }
    return found;
  };
  await expect
    .poll(async () => Object.values(await waiting()).every((value) => value === 0), poll)
    .toBe(true);
  // The gauge of the ledger is a second old.
  await sleep(1_500);
  await expect
    .poll(async () => Object.values(await waiting()).every((value) => value === 0), poll)
    .toBe(true);
}
const poll = { timeout: 60_000, interval: 200 };

function accessOf(fleet: Fleet): Pick<Evidence, "access" | "envoyLog"> {
  const entries = fleet.members.flatMap(({ running }) => running.envoy.accessLog());
  const told = entries.map((entry) => entry["tollgate"]).filter(isObject);
  const known = told.filter((one) => "charged_nano_usd" in one);
  return {
    access: new Map(known.map((one) => [String(one["exchange"]), one])),
    envoyLog: new Map(entries.map((entry) => [Number(entry["id"]), entry])),
  };
}

/** Lines that should not have been, of all processes that ever were. */
function complaints(fleet: Fleet): string[] {
  const lines = fleet.members.flatMap(({ generations }) => generations.flatMap(({ log }) => log.entries));
  return lines
    .filter(({ level, msg }) => (level === "error" || level === "fatal") && msg !== logMessages.countersDown)
    .map((line) => JSON.stringify(line));
}

test.skipIf(binary === "")(
  "ledger, counters, Envoy's log and the providers' own bill agree after all that can happen",
  { timeout: isLong ? 3_600_000 : 240_000 },
  async () => {
    process.stderr.write(`money: MONEY_SEED=${seed} MONEY_EXCHANGES=${calls}\n`);
    const stops: Array<() => Promise<void>> = [];
    try {
      const bill = new Bill();
      const providers = await startProviders(seed, bill);
      stops.push(providers.stop);
      const redis = await startRedis({ binary, keepsData: true });
      stops.push(redis.stop);
      const metadata = policyMetadata(smallNanoUsd);
      const fleet = await startFleet(metadata, providers, redis.url);
      stops.push(fleet.stop);
      const clients = new Clients({ seed, calls, clients: isLong ? 48 : 32, fleet });
      const leases = new Leases(redis.client);

      const startedMs = Date.now();
      // Redis forgets in ten minutes, and may be away.
      const looking = setInterval(() => void leases.look().catch(() => undefined), 120_000);
      stops.push(async () => clearInterval(looking));
      const [struck] = await Promise.all([
        unleash({ seed, calls, disasters, clients, fleet, redis }),
        clients.run(),
      ]);
      const seconds = Math.round((Date.now() - startedMs) / 1_000);
      await drained(fleet);

      const findings = new Findings();
      for (const index of fleet.members.keys()) {
        for (const name of ["ledger_lost_rows_total", "counters_dropped_total", "defects_total"]) {
          const count = await fleet.metric(index, `tollgate_${name}`);
          findings.check(count === 0, `${name} of gateway ${index}`, () => count);
        }
      }
      const policy = compiledPolicy(metadata);
      const evidence: Evidence = {
        ...{ policy, bill, kills: fleet.kills },
        ...(await reading(redis.client, leases, policy)),
        seen: new Map(clients.seen.map((one) => [one.call.number, one])),
        ...(await stopped(fleet)),
        ...accessOf(fleet),
      };
      const ledger = auditLedger(evidence, findings);
      const accessed = auditAccess(evidence, ledger.lost, findings);
      const counters = auditCounters(evidence, ledger.lost, findings);
      const budget = auditBudgets(evidence, counters.uncounted, smallNanoUsd, findings);
      for (const line of complaints(fleet)) findings.wrong(line);
      const keptMs = await shortestKept(redis.client);
      findings.check(keptMs > 3_600_000, "a budget's counter is forgotten soon", () => keptMs);
      if (isLong) {
        // Leases of the killed run out, and nothing else.
        const levels = async () => (await standings(redis.client, policy)).map(({ level }) => level);
        const held = async () => (await levels()).reduce((sum, { reserved }) => sum + reserved, 0);
        await expect.poll(held, { timeout: 2 * leaseMs, interval: 1_000 }).toBe(0);
        expect((await levels()).map(({ used }) => used)).toEqual(
          evidence.standings.map(({ level }) => level.used),
        );
      }
      const facts = {
        ...{ seed, calls, seconds, ...struck },
        ...{ rows: evidence.exchanges.length, exact: ledger.exact, estimated: ledger.estimated },
        ...{ "lost with the killed process": ledger.lost.size, endedBeforeMs: ledger.unwrittenMs },
        ...{ uncounted: counters.uncounted.size, unwritten: counters.unwritten, unknown: counters.unknown },
        ...{ leasesOfTheKilled: counters.left, refusedByBudget: budget.refused },
        ...{ overspentNanoUsd: budget.overspent, boundNanoUsd: budget.bound },
        ...{ owedNanoUsd: ledger.owed, accessLogNanoUsd: accessed },
      };
      process.stderr.write(
        `money: ${JSON.stringify(facts, (_, v) => (typeof v === "bigint" ? String(v) : v))}\n`,
      );
      expect(findings.shown).toEqual([]);
      expect(Object.values(struck).reduce((sum, count) => sum + count)).toBe(disasters);
      expect(ledger.exact).toBeGreaterThan(calls / 2);
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  },
);

/** In order, as an operator would: what was not stored yet is then. */
async function stopped(fleet: Fleet): Promise<Awaited<ReturnType<typeof readLedgers>>> {
  for (const { tollgate } of fleet.members) await tollgate.stop();
  return readLedgers(fleet);
}
