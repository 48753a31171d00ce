/** A running Envoy with a configuration of ours. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isObject, type JsonObject } from "../../json/types.ts";
import { type Child, startChild } from "./child.ts";
import { answersOk, until } from "./readiness.ts";

export interface EnvoyProcess {
  readonly child: Child;
  readonly adminPort: number;
  /** Of the first listener. */
  readonly port: number;
}

export interface EnvoyProcessSettings {
  readonly binary: string;
  /** Its `admin` is replaced: any free port on loopback. */
  readonly config: JsonObject;
  /** Ours unless given; secrets may come from it. */
  readonly env?: NodeJS.ProcessEnv;
  /** Worker threads; 1 unless given. */
  readonly concurrency?: number;
  readonly logLevel?: "debug" | "info" | "warn" | "error";
  readonly onOutput?: (line: string) => void;
  readonly onError?: (line: string) => void;
  readonly readyTimeoutMs?: number;
}

const READY_TIMEOUT_MS = 30_000;

/** Starts Envoy and waits until it serves. The configuration lies in a private directory meanwhile. */
export async function startEnvoyProcess(settings: EnvoyProcessSettings): Promise<EnvoyProcess> {
  const directory = await mkdtemp(join(tmpdir(), "tollgate-envoy-"));
  let child: Child | undefined;
  try {
    const file = join(directory, "envoy.json");
    const adminFile = join(directory, "admin");
    const admin = { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
    await writeFile(file, JSON.stringify({ ...settings.config, admin }), { mode: 0o600 });
    const started = await startChild({
      name: "envoy",
      command: settings.binary,
      args: [
        "-c",
        file,
        "--disable-hot-restart",
        "--concurrency",
        String(settings.concurrency ?? 1),
        // Ten seconds otherwise: too late for who watches.
        "--file-flush-interval-msec",
        "100",
        "--admin-address-path",
        adminFile,
        "-l",
        settings.logLevel ?? "warn",
      ],
      ...(settings.env === undefined ? {} : { env: settings.env }),
      ...(settings.onOutput === undefined ? {} : { onOutput: settings.onOutput }),
      ...(settings.onError === undefined ? {} : { onError: settings.onError }),
    });
    child = started;
    const timeoutMs = settings.readyTimeoutMs ?? READY_TIMEOUT_MS;
    const adminPort = await until(started, () => adminPortIn(adminFile), timeoutMs);
    const base = `http://127.0.0.1:${adminPort}`;
    await until(started, () => answersOk(`${base}/ready`), timeoutMs);
    const port = await until(started, () => listenerPort(base), timeoutMs);
    return { child: started, adminPort, port };
  } catch (error) {
    await child?.stop();
    throw error;
  } finally {
    // Read once, at the start: nothing is left behind, however we end.
    await rm(directory, { recursive: true, force: true });
  }
}

async function adminPortIn(file: string): Promise<number | undefined> {
  const match = /:(\d+)\s*$/.exec(await readFile(file, "utf8"));
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** Envoy tells the port it really has, which matters when it was asked for port 0. */
async function listenerPort(admin: string): Promise<number | undefined> {
  const response = await fetch(`${admin}/listeners?format=json`);
  let at: unknown = await response.json();
  for (const key of ["listener_statuses", 0, "local_address", "socket_address", "port_value"]) {
    if (Array.isArray(at) && typeof key === "number") at = at[key];
    else if (isObject(at)) at = at[key];
  }
  return typeof at === "number" && at > 0 ? at : undefined;
}
