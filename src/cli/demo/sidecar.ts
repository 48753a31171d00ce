/** A running Tollgate. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./port.ts";
import { answersOk, until } from "./readiness.ts";

export interface Sidecar {
  readonly child: Child;
  /** ext_proc, `host:port`. */
  readonly listen: string;
  /** Admin HTTP, `host:port`. */
  readonly admin: string;
}

export interface SidecarSettings {
  /** The built entry point; `dist/main.js` of this package unless given. */
  readonly main?: string;
  /** Beside the inherited environment; wins over it. `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onOutput?: (line: string) => void;
  readonly onError?: (line: string) => void;
}

/** The folder with package.json: three above this file, in `src` as in `dist`. */
export const PACKAGE_ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/**
 * Buffers of request bodies that V8 frees late make it collect garbage all the time, which is half of a megabyte's cost:
 * see docs/decisions/0007.
 */
const nodeFlags = ["--no-concurrent-array-buffer-sweeping"];

const READY_TIMEOUT_MS = 15_000;

/** Starts the sidecar on free ports, unless its environment names some, and waits until it is ready. */
export async function startSidecar(settings: SidecarSettings = {}): Promise<Sidecar> {
  const main = settings.main ?? join(PACKAGE_ROOT, "dist", "main.js");
  if (!existsSync(main)) throw new Error(`${main} is missing: run \`npm run build\` first`);
  const listen = settings.env?.["TOLLGATE_LISTEN"] ?? `127.0.0.1:${await freePort()}`;
  const admin = settings.env?.["TOLLGATE_ADMIN"] ?? `127.0.0.1:${await freePort()}`;
  const child = await startChild({
    name: "tollgate",
    command: process.execPath,
    args: [...nodeFlags, main],
    env: { ...process.env, ...settings.env, TOLLGATE_LISTEN: listen, TOLLGATE_ADMIN: admin },
    ...(settings.onOutput === undefined ? {} : { onOutput: settings.onOutput }),
    ...(settings.onError === undefined ? {} : { onError: settings.onError }),
  });
  try {
    await until(child, () => answersOk(`http://${admin}/readyz`), READY_TIMEOUT_MS);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, listen, admin };
}
