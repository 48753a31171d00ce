/** A real Redis on a port of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { type Child, startChild } from "../../../src/cli/demo/child.ts";
import { freePort } from "../../../src/cli/demo/port.ts";

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now. */
  pid(): number;
  /** For looking behind the scenes. */
  readonly client: Redis;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Again on the same port, with what it kept on disk. */
  start(): Promise<void>;
  /** No answer to anything until it goes on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  readonly binary: string;
  /** Written to disk with every command. */
  readonly keepsData?: boolean;
  readonly cluster?: boolean;
}

const readyMs = 10_000;

export async function startRedis({ binary, keepsData, cluster }: RedisServerOptions): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-redis-"));
  const port = await freePort();
  const flags = Object.entries({
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: keepsData ? "yes" : "no",
    appendfsync: "always",
    "enable-debug-command": "yes",
    ...(cluster && { "cluster-enabled": "yes" }),
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const client = new Redis(port, { retryStrategy: () => 50, protocol: 2 });
  client.on("error", () => {});

  let child: Child;
  async function start(): Promise<void> {
    child = await startChild({ name: "redis-server", command: binary, args: flags });
    const deadline = Date.now() + readyMs;
    while ((await client.ping().catch(() => "")) !== "PONG") {
      if (Date.now() > deadline)
        throw new Error(["redis-server does not answer", ...child.lastWords()].join("\n"));
    }
  }
  await start();
  // One node that has every slot: it takes no key that is not in the slot of the others.
  if (cluster) {
    await client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    while (!String(await client.call("CLUSTER", "INFO")).includes("cluster_state:ok")) await pause(20);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    pid: () => child.pid,
    start,
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
    },
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    async stop() {
      client.disconnect();
      child.kill("SIGCONT");
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
