/**
 * Starts the Tollgate that BENCH_MAIN names with V8's profiler beside it. Each SIGUSR2 ends a profile, written to
 * BENCH_PROFILE, or, when none is running, begins one. JavaScript, as Node 20 starts it without a loader.
 */
import { renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";

const { BENCH_MAIN: main = "", BENCH_PROFILE: file = "" } = process.env;
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 250 });
let running = false;

process.on("SIGUSR2", () => void turn());

async function turn() {
  if (!running) {
    await session.post("Profiler.start");
    running = true;
    return;
  }
  running = false;
  const { profile } = await session.post("Profiler.stop");
  // By a rename: whoever waits for the file finds all of it.
  writeFileSync(`${file}.part`, JSON.stringify(profile));
  renameSync(`${file}.part`, file);
}

await import(pathToFileURL(main).href);
