/** The built Tollgate for a test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSidecar } from "../../../src/cli/demo/sidecar.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { reasoningKey } from "../../sealing.ts";
import { Lines } from "./lines.ts";

export interface RunningTollgate {
  readonly pid: number;
  /** ext_proc, `host:port`. */
  readonly listen: string;
  /** Admin HTTP, `host:port`. */
  readonly admin: string;
  /** The log: parsed lines, and waiting for them. */
  readonly log: Lines;
  logs(): readonly JsonObject[];
  /** SIGTERM: drains. */
  stop(): Promise<void>;
  /** SIGKILL: dies where it stands. */
  kill(): Promise<void>;
}

/** It closes its ledger before it ends. */
const STOP_MS = 12_000;

/** `dist/main.js` on free ports, with a data directory that goes with it unless one is named. `main`: another entry point that reads the same environment. */
export async function startTollgate(
  env: Readonly<Record<string, string>> = {},
  main?: string,
): Promise<RunningTollgate> {
  const log = new Lines();
  const data = await mkdtemp(join(tmpdir(), "tollgate-data-"));
  const forget = () => rm(data, { recursive: true, force: true });
  const sidecar = await startSidecar({
    ...(main === undefined ? {} : { main }),
    env: {
      TOLLGATE_LOG_LEVEL: "info",
      TOLLGATE_DATA_DIR: data,
      DATABASE_URL: undefined,
      // A key of the tests, for those that look into what is sealed.
      TOLLGATE_REASONING_KEY: reasoningKey.toString("hex"),
      ...env,
    },
    onOutput: log.push,
    onError: log.push,
  }).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  return {
    pid: sidecar.child.pid,
    listen: sidecar.listen,
    admin: sidecar.admin,
    log,
    logs: () => log.entries,
    async stop() {
      await sidecar.child.stop(STOP_MS);
      await forget();
    },
    async kill() {
      sidecar.child.kill("SIGKILL");
      await sidecar.child.exited;
      await forget();
    },
  };
}
