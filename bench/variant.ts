/** What is compared: an Envoy alone, or one with a Tollgate; all over the same upstream, alive at the same time. */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEnvoyProcess } from "../src/cli/demo/envoy-process.ts";
import type { EnvoySetup } from "../src/cli/demo/envoy-setup.ts";
import { startSidecar } from "../src/cli/demo/sidecar.ts";
import type { JsonObject } from "../src/json/types.ts";
import { pin } from "./cpu.ts";
import type { Ending } from "./ending.ts";
import { gatedSetup, plainSetup, type UpstreamPorts, withoutAccessLog } from "./envoys.ts";
import type { Wire } from "./exchange.ts";
import type { Call, Row } from "./rows.ts";

export type VariantName = "plain Envoy" | "Tollgate" | "baseline";

/** Where the gateway's processes run; the upstream and the load have the other. */
export const GATEWAY_CORE = 0;

export interface Variant {
  readonly name: VariantName;
  readonly envoyPid: number;
  readonly tollgatePid: number | undefined;
  callOf(row: Row): Call;
  /** Keeps its connections between batches of the same number of them. */
  wire(connections: number): Wire;
}

/** A built Tollgate and the generator of the Envoy configuration that belongs to it. */
export interface Build {
  /** `dist/main.js`. */
  readonly main: string;
  readonly envoyConfig: (setup: EnvoySetup) => JsonObject;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ground {
  readonly envoyBinary: string;
  readonly upstream: UpstreamPorts;
  readonly ending: Ending;
}

export async function startPlain(ground: Ground, build: Pick<Build, "envoyConfig">): Promise<Variant> {
  const envoy = await startEnvoy(ground, build.envoyConfig(plainSetup(ground.upstream)));
  return { name: "plain Envoy", ...envoy, tollgatePid: undefined, callOf: (row) => row.direct };
}

export async function startGated(ground: Ground, name: VariantName, build: Build): Promise<Variant> {
  const data = await mkdtemp(join(tmpdir(), "tollgate-bench-"));
  ground.ending.add(() => rm(data, { recursive: true, force: true }));
  const env = { ...build.env, TOLLGATE_LOG_LEVEL: "warn", TOLLGATE_DATA_DIR: data };
  const sidecar = await startSidecar({
    main: build.main,
    env,
    onOutput: complain(name),
    onError: complain(name),
  });
  ground.ending.add(() => sidecar.child.stop());
  await pin(sidecar.child.pid, GATEWAY_CORE);
  const envoy = await startEnvoy(ground, build.envoyConfig(gatedSetup(ground.upstream, sidecar.listen)));
  return { name, ...envoy, tollgatePid: sidecar.child.pid, callOf: (row) => row.gated };
}

async function startEnvoy(ground: Ground, config: JsonObject): Promise<Pick<Variant, "envoyPid" | "wire">> {
  const envoy = await startEnvoyProcess({
    binary: ground.envoyBinary,
    config: withoutAccessLog(config),
    concurrency: 1,
    logLevel: "error",
    onError: complain("envoy"),
  });
  ground.ending.add(() => envoy.child.stop());
  await pin(envoy.child.pid, GATEWAY_CORE);
  const agents = new Map<number, Agent>();
  ground.ending.add(async () => {
    for (const agent of agents.values()) agent.destroy();
  });
  const wire = (connections: number): Wire => {
    const agent = agents.get(connections) ?? new Agent({ keepAlive: true, maxSockets: connections });
    agents.set(connections, agent);
    return { port: envoy.port, agent };
  };
  return { envoyPid: envoy.child.pid, wire };
}

/** A process that has something to say at this log level has a problem: shown, up to a limit. */
function complain(name: string): (line: string) => void {
  let left = 20;
  return (line) => {
    if (left <= 0) return;
    left -= 1;
    process.stderr.write(`${name}: ${line.slice(0, 500)}\n`);
  };
}
