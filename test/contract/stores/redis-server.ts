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
    // The usual port of the bus, ten thousand above, may be none.
    ...(cluster && {
      "cluster-enabled": "yes",
      "cluster-announce-ip": "127.0.0.1",
      "cluster-port": String(await freePort()),
    }),
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const client = new Redis(port, { retryStrategy: () => 50, protocol: 2 });
  client.on("error", () => {});

  let child: Child;
  async function start(): Promise<void> {
    child = await startChild({ name: "redis-server", command: binary, args: flags });
    await until(
      async () => (await client.ping().catch(() => "")) === "PONG",
      () => ["redis-server does not answer", ...child.lastWords()].join("\n"),
    );
  }
  await start();
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

/** Two masters, each with half of the slots. */
export async function startCluster(binary: string): Promise<readonly RedisServer[]> {
  const nodes = [await startRedis({ binary, cluster: true }), await startRedis({ binary, cluster: true })];
  const [first, second] = nodes.map(({ client }) => client);
  await first?.call("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
  await second?.call("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
  const [, bus] = String(await second?.call("CONFIG", "GET", "cluster-port")).split(",");
  await first?.call("CLUSTER", "MEET", "127.0.0.1", String(nodes[1]?.port), bus ?? "");
  const joined = /cluster_state:ok\s[\s\S]*cluster_known_nodes:2\s/;
  for (const { client } of nodes) {
    await until(
      async () => joined.test(String(await client.call("CLUSTER", "INFO"))),
      "the cluster is no cluster",
    );
  }
  return nodes;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(condition: () => Promise<boolean>, complaint: string | (() => string)): Promise<void> {
  const deadline = Date.now() + readyMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(typeof complaint === "string" ? complaint : complaint());
    await pause(20);
  }
}
