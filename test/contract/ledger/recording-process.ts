/**
 * A process that records exchanges, some each millisecond or so, and says for each that it has; until it is killed, or
 * told by SIGTERM to close.
 */
import { writeSync } from "node:fs";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { exchangeRecord } from "../../unit/telemetry/records.ts";

const [dataDir = "", file = "", perTick = "1"] = process.argv.slice(2);

const ledger = new Ledger({
  location: { kind: "sqlite", file },
  dataDir,
  maxSpoolBytes: 64 * 1024 * 1024,
  retentionMs: undefined,
  openExchanges: () => 3,
  log: createLog({ level: "silent" }),
  metrics: createMetrics({ inFlight: () => 0, processMetrics: false }).ledger,
  monotonicMs: () => performance.now(),
  threads: { program: new URL("../../unit/ledger/thread-from-source.mjs", import.meta.url) },
});
ledger.start();

let recorded = 0;
const timer = setInterval(() => {
  for (let n = 0; n < Number(perTick); n++) {
    const id = `${process.pid}-${++recorded}`;
    ledger.record(exchangeRecord({ id, costNanoUsd: 1 }));
    writeSync(1, `${id} ${Date.now()}\n`);
  }
}, 1);

process.once("SIGTERM", () => {
  clearInterval(timer);
  void ledger.close().then(() => process.exit(0));
});
