/** A real Envoy for a test. */
import { findEnvoy } from "../../../src/cli/demo/envoy-binary.ts";
import { startEnvoyProcess } from "../../../src/cli/demo/envoy-process.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { Lines } from "./lines.ts";

export interface RunningEnvoy {
  readonly pid: number;
  /** `http://127.0.0.1:port` of the first listener. */
  readonly url: string;
  readonly port: number;
  readonly adminPort: number;
  /** Its log on standard error. */
  logs(): readonly string[];
  /** The access log: parsed entries, and waiting for them. An entry is written when its call has ended. */
  readonly access: Lines;
  accessLog(): readonly JsonObject[];
  /** A counter or gauge of `/stats`; 0 when there is none of that name. */
  stat(name: string): Promise<number>;
  stop(): Promise<void>;
}

export interface EnvoyOptions {
  readonly concurrency?: number;
  readonly logLevel?: "debug" | "info" | "warn" | "error";
  readonly env?: Readonly<Record<string, string>>;
}

let binary: Promise<string> | undefined;

/** The binary under test; fetched when the machine has none. */
export function envoyBinary(): Promise<string> {
  binary ??= findEnvoy({ env: process.env, say: (message) => process.stderr.write(`${message}\n`) });
  return binary;
}

/** Listens on any free ports, whatever port 0 in the configuration says. */
export async function startEnvoy(config: JsonObject, options: EnvoyOptions = {}): Promise<RunningEnvoy> {
  const access = new Lines();
  const logs: string[] = [];
  const envoy = await startEnvoyProcess({
    binary: await envoyBinary(),
    config,
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.logLevel === undefined ? {} : { logLevel: options.logLevel }),
    env: { ...process.env, ...options.env },
    onOutput: access.push,
    onError: (line) => logs.push(line),
  });
  const admin = `http://127.0.0.1:${envoy.adminPort}`;
  return {
    pid: envoy.child.pid,
    url: `http://127.0.0.1:${envoy.port}`,
    port: envoy.port,
    adminPort: envoy.adminPort,
    logs: () => logs,
    access,
    accessLog: () => access.entries,
    async stat(name) {
      const response = await fetch(`${admin}/stats?usedonly&format=text&filter=^${name}$`);
      return Number(/: (\d+)/.exec(await response.text())?.[1] ?? 0);
    },
    async stop() {
      await envoy.child.stop();
    },
  };
}
