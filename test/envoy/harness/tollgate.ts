/** The built Tollgate for a test. */
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

/** `dist/main.js` on free ports. `main`: another entry point that reads the same environment. */
export async function startTollgate(
  env: Readonly<Record<string, string>> = {},
  main?: string,
): Promise<RunningTollgate> {
  const log = new Lines();
  const sidecar = await startSidecar({
    ...(main === undefined ? {} : { main }),
    // A key of the tests, so that none is written into the checkout.
    env: { TOLLGATE_LOG_LEVEL: "info", TOLLGATE_REASONING_KEY: reasoningKey.toString("hex"), ...env },
    onOutput: log.push,
    onError: log.push,
  });
  return {
    pid: sidecar.child.pid,
    listen: sidecar.listen,
    admin: sidecar.admin,
    log,
    logs: () => log.entries,
    async stop() {
      await sidecar.child.stop();
    },
    async kill() {
      sidecar.child.kill("SIGKILL");
      await sidecar.child.exited;
    },
  };
}
