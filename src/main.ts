/**
 * The composition root: reads the environment, starts one worker or a pool of them, and the admin server.
 * SIGTERM and SIGINT drain: health turns NOT_SERVING, open exchanges finish within their time, then it exits.
 */
import { fileURLToPath } from "node:url";
import type { Readiness } from "./admin/pages.ts";
import { createAdmin } from "./admin/server.ts";
import { spoolOf } from "./ledger/ledger.ts";
import { prepareSpool } from "./ledger/spool/folder.ts";
import { type ReasoningKey, reasoningKey } from "./reasoning-key.ts";
import { formatKey } from "./settings/key-text.ts";
import { readSettings, type Settings, SettingsError } from "./settings/settings.ts";
import { createSidecar } from "./sidecar.ts";
import { aggregateText } from "./telemetry/aggregate.ts";
import { createLog, type Log } from "./telemetry/log.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import type { ToPool, ToWorker } from "./workers/link.ts";
import { WorkerPool } from "./workers/pool.ts";

const usageExitCode = 2;

async function main(): Promise<void> {
  const settings = settingsOrExit();
  dataDirOrExit(settings);
  const flag = process.argv.indexOf("--worker");
  if (flag >= 0) return runWorker(settings, Number(process.argv[flag + 1]));
  return settings.workers === 1 ? runAlone(settings) : runPool(settings);
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(usageExitCode);
  }
}

/** The ledger's promises rest on a directory that can be written. */
function dataDirOrExit({ ledger, dataDir }: Settings): void {
  if (ledger === undefined) return;
  try {
    prepareSpool(spoolOf(dataDir));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `TOLLGATE_DATA_DIR: the ledger cannot be kept in ${dataDir}: ${why}\nTOLLGATE_LEDGER=off runs without a ledger.\n`,
    );
    process.exit(usageExitCode);
  }
}

/** One process: edge and admin together. */
async function runAlone(settings: Settings): Promise<void> {
  const secret = reasoningKey(settings);
  const { edge, log, metrics, start, close } = await createSidecar(settings, 0, secret.key);
  let readiness: Readiness = "starting";
  const failed = (error: unknown) => log.error({ err: error }, "an admin page failed");
  const admin = createAdmin({ listen: settings.admin, readiness: () => readiness, metrics, failed });
  warn(log, settings, secret);
  await start();
  await edge.start();
  await admin.start();
  readiness = "serving";
  log.info({ listen: edge.address, admin: admin.address }, "serving");
  onStop(async () => {
    readiness = "draining";
    log.info({ open_streams: edge.openStreams }, "draining");
    await edge.drain(settings.drainSeconds * 1000);
    await close();
    await admin.stop();
    log.info({}, "stopped");
  });
}

/** The parent of several workers: it serves no exchanges itself. */
async function runPool(settings: Settings): Promise<void> {
  const log = createLog({ level: settings.logLevel });
  const secret = reasoningKey(settings);
  const pool = new WorkerPool({
    count: settings.workers,
    program: fileURLToPath(import.meta.url),
    // One key for all: a conversation's next turn may come to any of them.
    env: { ...process.env, TOLLGATE_REASONING_KEY: formatKey(secret.key) },
    died: (worker, how) => log.error({ worker, how }, "a worker died"),
  });
  let draining = false;
  const { contentType } = createMetrics({ inFlight: () => 0, processMetrics: false });
  const admin = createAdmin({
    listen: settings.admin,
    readiness: () => (draining ? "draining" : pool.serving ? "serving" : "starting"),
    metrics: { contentType, text: async () => aggregateText(await pool.snapshots()) },
    failed: (error) => log.error({ err: error }, "an admin page failed"),
  });
  warn(log, settings, secret);
  pool.start();
  await admin.start();
  log.info({ workers: settings.workers, admin: admin.address }, "pool started");
  onStop(async () => {
    draining = true;
    await pool.drain();
    await admin.stop();
    log.info({}, "stopped");
  });
}

/** One of several: told what to do by the pool, and gone when the pool is. */
async function runWorker(settings: Settings, worker: number): Promise<void> {
  const secret = reasoningKey(settings);
  const { edge, log, metrics, start, close } = await createSidecar(settings, worker, secret.key);
  const tellPool = (message: ToPool) => process.send?.(message);
  const drain = onStop(async () => {
    await edge.drain(settings.drainSeconds * 1000);
    await close();
    process.disconnect?.();
  });
  process.on("message", (message: ToWorker) => {
    if (message.kind === "drain") return drain();
    void metrics.snapshot().then((snapshot) => {
      tellPool({ kind: "snapshot", request: message.request, metrics: snapshot });
    });
  });
  process.once("disconnect", drain);
  await start();
  await edge.start();
  log.info({ listen: edge.address }, "serving");
  tellPool({ kind: "serving" });
}

function warn(log: Log, settings: Settings, secret: ReasoningKey): void {
  for (const warning of settings.warnings) log.warn({ warning }, "settings");
  if (secret.warning !== undefined) log.warn({ warning: secret.warning }, "settings");
}

/** Runs `stop` once, at the first signal or call, and exits when it is done. */
function onStop(stop: () => Promise<void>): () => void {
  let stopping = false;
  const once = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", once);
  process.on("SIGINT", once);
  return once;
}

await main();
