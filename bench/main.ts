/** `npm run bench`: CPU time and added latency of Envoy with Tollgate, beside plain Envoy. See README.md. */
import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { findEnvoy } from "../src/cli/demo/envoy-binary.ts";
import { envoyConfig } from "../src/cli/demo/envoy-config.ts";
import { PACKAGE_ROOT } from "../src/cli/demo/sidecar.ts";
import { buildBaseline, run } from "./baseline.ts";
import { pin } from "./cpu.ts";
import { Ending } from "./ending.ts";
import { pairsReport } from "./pairs-report.ts";
import { profileRows } from "./profile.ts";
import { latencyReport, overview, rowReport } from "./report.ts";
import { measureLatency, measureRows, warmUpAll } from "./rounds.ts";
import { firstRow } from "./rows.ts";
import { readSettings, type Settings } from "./settings.ts";
import { type LatencyFigures, type RowFigures, summarise, summariseLatency } from "./summary.ts";
import { startUpstream } from "./upstream-process.ts";
import { GATEWAY_CORE, type Ground, startGated, startPlain, type Variant } from "./variant.ts";

const LOAD_CORE = 1;
/** More running processes than this, before we begin, are somebody else's. */
const QUIET_LOAD = 1;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function startVariants(settings: Settings, ground: Ground): Promise<readonly Variant[]> {
  const plain = await startPlain(ground, { envoyConfig });
  if (settings.plainOnly) return [plain];
  const here = { main: join(PACKAGE_ROOT, "dist", "main.js"), envoyConfig };
  const tollgate = await startGated(ground, "Tollgate", here);
  if (settings.baseline === undefined) return [plain, tollgate];
  const baseline = await buildBaseline(settings.baseline, ground.ending);
  say(`baseline: ${settings.baseline} = ${baseline.revision}`);
  return [plain, tollgate, await startGated(ground, "baseline", baseline)];
}

async function bench(settings: Settings, ending: Ending): Promise<boolean> {
  const envoyBinary = await findEnvoy({ env: process.env, say });
  // First, and before anything else is started: children inherit the core.
  const pinned = await pin(process.pid, LOAD_CORE);
  const ground = { envoyBinary, upstream: await startUpstream(ending), ending };
  if (settings.profileDirectory !== undefined) {
    await profileRows(ground, settings, settings.profileDirectory, say);
    return true;
  }
  const variants = await startVariants(settings, ground);
  const where = pinned
    ? `gateway on core ${GATEWAY_CORE}, the rest on core ${LOAD_CORE}`
    : "NOT pinned to cores";
  say(`Envoy --concurrency 1, ${where}; metering on, Tollgate's log at warn, no access log\n`);

  const [load = 0] = loadavg();
  if (load > QUIET_LOAD)
    say(`LOAD AVERAGE ${load.toFixed(1)}: others are at work here, do not trust the figures\n`);

  const deadline = performance.now() + settings.plan.budgetMs;
  await warmUpAll(firstRow, variants, settings.plan);
  const latencies = summariseLatency(await measureLatency(firstRow, variants, settings.plan));
  say(latencyReport(latencies));
  const measured = await measureRows(settings.rows, variants, settings.plan, deadline, say);
  say("");
  const figures = [...measured].map(([row, ofRow]) => summarise(row, ofRow));
  for (const row of figures) say(rowReport(row));
  const pairs = pairsReport(figures);
  say(pairs === "" ? overview(figures) : pairs);
  if (settings.jsonFile !== undefined) await writeJson(settings, settings.jsonFile, figures, latencies);
  const errors = [...figures.flatMap((row) => row.figures), ...latencies].some(({ errors }) => errors > 0);
  return !errors;
}

async function writeJson(
  settings: Settings,
  file: string,
  rows: readonly RowFigures[],
  latencies: readonly LatencyFigures[],
): Promise<void> {
  const revision = await run(PACKAGE_ROOT, "git", ["rev-parse", "--short", "HEAD"]).catch(() => null);
  const { plan, baseline } = settings;
  const report = {
    version: 1,
    time: new Date(),
    node: process.version,
    revision,
    baseline,
    plan,
    rows,
    latencies,
  };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** Far past any honest run: something hangs. */
const WATCHDOG_MS = 1_200_000;

const ending = new Ending();

/** Leaves at once when all is undone: a socket or a child that lingers must not hold a finished run. */
async function leave(code: number): Promise<never> {
  await ending.run();
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void leave(130));
setTimeout(() => {
  process.stderr.write(`bench: not done after ${WATCHDOG_MS} ms\n`);
  void leave(1);
}, WATCHDOG_MS).unref();

try {
  const settings = readSettings(process.argv.slice(2));
  await leave((await bench(settings, ending)) ? 0 : 1);
} catch (cause) {
  process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  await leave(1);
}
