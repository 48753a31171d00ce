/** What the ledger says of itself: what it keeps, what waits, and above all what it lost. */
import { Counter, Gauge, type Registry } from "prom-client";
import { metricNames } from "./names.ts";

/** `full`: no room on disk and in memory. `torn`: half written when a process or a disk failed. */
export type LossReason = "full" | "torn";

export interface LedgerMetrics {
  /** `known`: stored before. `rejected`: in the file for what the database does not take. */
  rows(result: "stored" | "known" | "rejected", count: number): void;
  lost(reason: LossReason, rows: number, chargedNanoUsd: number): void;
  /** An attempt to write did not succeed. @param where `spool`, or what kind of trouble the database has */
  failed(where: string): void;
  /** What is not in the database yet. */
  backlog(bytes: number, seconds: number): void;
  uncleanEnd(): void;
}

export function createLedgerMetrics(registers: Registry[]): LedgerMetrics {
  const rows = new Counter({
    name: metricNames.ledgerRows,
    help: "Exchanges by what became of their row.",
    labelNames: ["result"],
    registers,
  });
  const lost = new Counter({
    name: metricNames.ledgerLost,
    help: "Exchanges that the ledger does not have.",
    labelNames: ["reason"],
    registers,
  });
  const lostCharge = new Counter({
    name: metricNames.ledgerLostCharge,
    help: "What the exchanges were charged that the ledger does not have, in nano-dollars, as far as it is known.",
    registers,
  });
  const failures = new Counter({
    name: metricNames.ledgerFailures,
    help: "Attempts to write that did not succeed; they are repeated.",
    labelNames: ["where"],
    registers,
  });
  const backlogBytes = new Gauge({
    name: metricNames.ledgerBacklogBytes,
    help: "Bytes of rows that are not in the database yet.",
    registers,
  });
  const backlogSeconds = new Gauge({
    name: metricNames.ledgerBacklogSeconds,
    help: "Age of the oldest row that is not in the database yet.",
    aggregator: "max",
    registers,
  });
  const uncleanEnds = new Counter({
    name: metricNames.ledgerUncleanEnds,
    help: "Processes that ended without closing their ledger: what they wrote last may be missing.",
    registers,
  });
  return {
    rows: (result, count) => rows.inc({ result }, count),
    lost(reason, count, chargedNanoUsd) {
      lost.inc({ reason }, count);
      lostCharge.inc(chargedNanoUsd);
    },
    failed: (where) => failures.inc({ where }),
    backlog(bytes, seconds) {
      backlogBytes.set(bytes);
      backlogSeconds.set(seconds);
    },
    uncleanEnd: () => uncleanEnds.inc(),
  };
}
