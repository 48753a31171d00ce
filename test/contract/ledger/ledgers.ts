/** Ledgers as the sidecar has them, on a data directory of their own, with what they told. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { DatabaseLocation } from "../../../src/database/location.ts";
import { openDatabase } from "../../../src/database/open.ts";
import { Ledger, type LedgerOptions } from "../../../src/ledger/ledger.ts";
import type { Log } from "../../../src/telemetry/log.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";

const program = new URL("../../unit/ledger/thread-from-source.mjs", import.meta.url);

/** What a ledger said: messages with their fields, and its metrics. */
export interface Told {
  readonly lines: ReadonlyArray<{
    readonly level: string;
    readonly message: string;
    readonly [field: string]: unknown;
  }>;
  /** The sum of a metric's series, by the value of a label if one is given. */
  metric(name: string, label?: string): Promise<number>;
}

export interface TestLedger {
  readonly ledger: Ledger;
  readonly told: Told;
}

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-data-"));
  folders.push(folder);
  return folder;
}

export function ledgerIn(
  folder: string,
  location: DatabaseLocation,
  options: Partial<LedgerOptions> = {},
): TestLedger {
  const lines: Array<{ level: string; message: string }> = [];
  const keep = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, ...fields });
  const log: Log = {
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
    fatal: keep("fatal"),
  };
  const metrics = createMetrics({ inFlight: () => 0, processMetrics: false });
  const ledger = new Ledger({
    location,
    dataDir: folder,
    maxSpoolBytes: 64 * 1024 * 1024,
    retentionMs: undefined,
    openExchanges: () => 0,
    log,
    metrics: metrics.ledger,
    monotonicMs: () => performance.now(),
    threads: { program },
    ...options,
  });
  ledger.start();
  const told: Told = {
    lines,
    async metric(name, label) {
      const text = await metrics.text();
      const series = text
        .split("\n")
        .filter((line) => line.startsWith(name) && (label === undefined || line.includes(`"${label}"`)));
      return series.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    },
  };
  return { ledger, told };
}

/** What the database has. */
export async function counted(location: DatabaseLocation): Promise<{ rows: number; cost: bigint }> {
  const database = await openDatabase(location);
  const [row] = await database.rows(
    "SELECT COUNT(*) AS n, SUM(provider_cost_nano_usd) AS cost FROM ledger_exchanges",
  );
  await database.close();
  return { rows: Number(row?.["n"]), cost: BigInt(row?.["cost"] ?? 0) };
}

/** Polls until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error("it does not become so");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
