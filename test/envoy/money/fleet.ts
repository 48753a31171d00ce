/** Two gateways, each an Envoy with a Tollgate of its own, that share one Redis; and how they die and come back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../src/cli/demo/port.ts";
import { isObject, type JsonObject } from "../../../src/json/types.ts";
import { at } from "../facts/calls.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { type RunningTollgate, startTollgate } from "../harness/tollgate.ts";
import { targets } from "./policy.ts";
import type { Providers } from "./providers.ts";

/** A SIGKILL. Unix milliseconds. */
export interface Kill {
  readonly gateway: number;
  /** When nothing waited for the counters for the last time. */
  readonly calmMs: number;
  readonly killedMs: number;
  /** When its successor was ready. */
  readonly backMs: number;
}

export interface Member {
  readonly running: RunningGateway;
  readonly env: Readonly<Record<string, string>>;
  /** The one that serves now. */
  tollgate: RunningTollgate;
  /** All that ever were. */
  readonly generations: RunningTollgate[];
  isDown: boolean;
}

export interface Fleet {
  readonly members: readonly Member[];
  readonly kills: readonly Kill[];
  /** @param pauseMs before it comes back; @param calmMs see `Kill` */
  kill(index: number, pauseMs: number, calmMs: number): Promise<void>;
  /** Of the process that serves now: summed over its labels, 0 when there is none of that name. */
  metric(index: number, name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startFleet(policy: JsonObject, providers: Providers, redisUrl: string): Promise<Fleet> {
  const members: Member[] = [];
  const kills: Kill[] = [];
  const folders: string[] = [];
  const stop = async () => {
    for (const { running, tollgate } of members) {
      await tollgate.stop();
      await running.stop();
    }
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (let index = 0; index < 2; index++) {
      const folder = mkdtempSync(join(tmpdir(), "tollgate-money-"));
      folders.push(folder);
      const env = {
        TOLLGATE_DATA_DIR: folder,
        TOLLGATE_LISTEN: `127.0.0.1:${await freePort()}`,
        TOLLGATE_ADMIN: `127.0.0.1:${await freePort()}`,
        TOLLGATE_LOG_LEVEL: "warn",
        REDIS_URL: redisUrl,
      };
      const running = await gateway({
        clusters: targets.map((name) => ({ name, address: `127.0.0.1:${providers.ports[name]}` })),
        policy,
        routePolicy: {},
        configure: keepRequestIds,
        tollgate: env,
      });
      const { tollgate } = running;
      members.push({ running, env, tollgate, generations: [tollgate], isDown: false });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const member = (index: number): Member => {
    const found = members[index];
    if (found === undefined) throw new Error(`no gateway ${index}`);
    return found;
  };
  return {
    members,
    kills,
    async kill(index, pauseMs, calmMs) {
      const victim = member(index);
      victim.isDown = true;
      await victim.tollgate.kill();
      const killedMs = Date.now();
      await sleep(pauseMs);
      victim.tollgate = await startTollgate(victim.env);
      victim.generations.push(victim.tollgate);
      victim.isDown = false;
      kills.push({ gateway: index, calmMs, killedMs, backMs: Date.now() });
    },
    async metric(index, name) {
      const text = await (await fetch(`http://${member(index).tollgate.admin}/metrics`)).text();
      const lines = text
        .split("\n")
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    },
    stop,
  };
}

/** Clients number their calls: Envoy takes nobody's word for an id otherwise. */
function keepRequestIds(config: JsonObject): void {
  const filter = at(
    config,
    "static_resources",
    "listeners",
    0,
    "filter_chains",
    0,
    "filters",
    0,
    "typed_config",
  );
  if (!isObject(filter)) throw new Error("there is no connection manager where it was");
  filter["preserve_external_request_id"] = true;
}
