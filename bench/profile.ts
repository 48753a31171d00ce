/** Where Tollgate's time goes: one V8 CPU profile for each row, kept as a file and summed up by function. */
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { envoyConfig } from "../src/cli/demo/envoy-config.ts";
import { PACKAGE_ROOT } from "../src/cli/demo/sidecar.ts";
import { hotSpots } from "./hot-spots.ts";
import { pause } from "./load.ts";
import { measureRows, warmUpAll } from "./rounds.ts";
import { firstRow } from "./rows.ts";
import type { Settings } from "./settings.ts";
import { type Ground, startGated } from "./variant.ts";

const PROFILED_MAIN = fileURLToPath(new URL("./profiled-main.js", import.meta.url));
const WRITE_TIMEOUT_MS = 10_000;
const TOP = 40;

/** Files are `<row>.cpuprofile`, which Chrome's DevTools and VS Code open. */
export async function profileRows(
  ground: Ground,
  settings: Settings,
  directory: string,
  say: (text: string) => void,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = join(resolve(directory), "current.cpuprofile");
  await rm(file, { force: true });
  const env = { BENCH_MAIN: join(PACKAGE_ROOT, "dist", "main.js"), BENCH_PROFILE: file };
  const variant = await startGated(ground, "Tollgate", { main: PROFILED_MAIN, envoyConfig, env });
  const pid = variant.tollgatePid;
  if (pid === undefined) throw new Error("there is no Tollgate to profile");
  // One round to warm up, one to be profiled.
  const plan = { ...settings.plan, wholeRounds: 1, streamRounds: 1 };
  const deadline = performance.now() + settings.plan.budgetMs;
  await warmUpAll(firstRow, [variant], plan);
  for (const row of settings.rows) {
    await measureRows([row], [variant], plan, deadline);
    process.kill(pid, "SIGUSR2");
    await measureRows([row], [variant], plan, deadline);
    process.kill(pid, "SIGUSR2");
    await written(file);
    const kept = join(resolve(directory), `${row.id}.cpuprofile`);
    await rename(file, kept);
    say(`${row.title}: ${kept}\n${hotSpots(await readFile(kept, "utf8"), TOP)}\n`);
  }
}

async function written(file: string): Promise<void> {
  const deadline = performance.now() + WRITE_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const found = await access(file).then(
      () => true,
      () => false,
    );
    if (found) return;
    await pause(50);
  }
  throw new Error(`no profile came within ${WRITE_TIMEOUT_MS} ms`);
}
