/**
 * What the ledger costs the event loop, and what its thread stores: `npm run build && npx tsx bench/ledger.ts`, with
 * DATABASE_URL for Postgres.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseLocation } from "../src/database/location.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import type { LedgerMetrics } from "../src/telemetry/ledger-metrics.ts";
import { createLog } from "../src/telemetry/log.ts";
import type { ExchangeRecord } from "../src/telemetry/record.ts";
import { exchangeRecord } from "../test/unit/telemetry/records.ts";

const url = process.env["DATABASE_URL"];
const folder = mkdtempSync(join(tmpdir(), "tollgate-bench-"));
const location: DatabaseLocation =
  url === undefined ? { kind: "sqlite", file: join(folder, "ledger.sqlite") } : { kind: "postgres", url };

let stored = 0;
const metrics: LedgerMetrics = {
  rows: (_result, count) => {
    stored += count;
  },
  lost: (reason, rows) => process.stderr.write(`lost ${rows}: ${reason}\n`),
  failed: (where) => process.stderr.write(`failed: ${where}\n`),
  backlog: () => undefined,
  uncleanEnd: () => undefined,
};

const ledger = new Ledger({
  location,
  dataDir: folder,
  maxSpoolBytes: 1_073_741_824,
  retentionMs: undefined,
  openExchanges: () => 0,
  log: createLog({ level: "error" }),
  metrics,
  monotonicMs: () => performance.now(),
  threads: { program: new URL("../dist/ledger/thread.js", import.meta.url) },
});
ledger.start();

let ids = 0;
const users = Array.from({ length: 500 }, (_, n) => `user-${n}@example.org`);

function next(): ExchangeRecord {
  const names = { tenant: "acme", app: "crm", user: users[ids % users.length], department: "sales" };
  const caller = {
    ...names,
    plan: undefined,
    ip: undefined,
    keyId: undefined,
    keyLimits: undefined,
    tags: {},
  };
  return exchangeRecord({ id: `bench-${process.pid}-${++ids}`, caller });
}

const record = () => ledger.record(next());

/** Time that the event loop was at work, not waiting; microseconds. */
function busyMicros(): number {
  return performance.eventLoopUtilization().active * 1_000;
}

async function steady(perSecond: number, seconds: number): Promise<void> {
  const [from, begun] = [busyMicros(), performance.now()];
  let due = 0;
  while (performance.now() - begun < seconds * 1_000) {
    const now = ((performance.now() - begun) / 1_000) * perSecond;
    for (; due < now; due++) record();
    await sleep(1);
  }
  const busy = busyMicros() - from;
  const idle = await idleMicros(seconds);
  const each = ((busy - idle) / due).toFixed(1);
  process.stdout.write(`${perSecond} a second: ${each} µs of the event loop for each exchange\n`);
}

/** The loop above with nothing to record. */
async function idleMicros(seconds: number): Promise<number> {
  await sleep(500);
  const [from, begun] = [busyMicros(), performance.now()];
  while (performance.now() - begun < seconds * 1_000) await sleep(1);
  return busyMicros() - from;
}

/** The part that every exchange waits for. */
async function recording(): Promise<void> {
  let micros = 0;
  const [rounds, warmUp, perRound] = [600, 200, 50];
  for (let round = -warmUp; round < rounds; round++) {
    const records = Array.from({ length: perRound }, next);
    const begun = performance.now();
    for (const one of records) ledger.record(one);
    if (round >= 0) micros += (performance.now() - begun) * 1_000;
    await sleep(5);
  }
  process.stdout.write(`${(micros / rounds / perRound).toFixed(1)} µs to record an exchange\n`);
}

await sleep(500);
await recording();
for (const perSecond of [1_000, 4_000]) await steady(perSecond, 4);
const [before, begun, burst] = [stored, performance.now(), 40_000];
for (let n = 0; n < burst; n++) {
  record();
  if (n % 500 === 0) await sleep(1);
}
while (stored < before + burst) await sleep(5);
const perSecond = Math.round(burst / ((performance.now() - begun) / 1_000));
process.stdout.write(`${location.kind}: ${perSecond} rows a second stored\n`);
await ledger.close();
rmSync(folder, { recursive: true, force: true });
