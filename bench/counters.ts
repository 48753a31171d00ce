/**
 * What the counters behind limits and budgets cost: `npx tsx bench/counters.ts`.
 *
 * In memory, and in the Redis of REDIS_URL or one that is started from PATH. A take is of three claims, as of a policy with
 * a limit on requests, one on exchanges at once, and a budget; then it is settled.
 */
import { Redis } from "ioredis";
import { startChild } from "../src/cli/demo/child.ts";
import { freePort } from "../src/cli/demo/port.ts";
import type { Claim, CounterStore } from "../src/stores/counter-store.ts";
import { MemoryCounters } from "../src/stores/memory/memory-counters.ts";
import { connectRedis } from "../src/stores/redis/connection.ts";
import { RedisCounters } from "../src/stores/redis/redis-counters.ts";

const users = 1_000;
const leaseMs = 60_000;
const clocks = { monotonicMs: () => performance.now(), wallMs: Date.now };

function claimsOf(user: number, limit: number): Claim[] {
  const month = { kind: "calendar", period: "2026-11", endsMs: Date.now() + 86_400_000 } as const;
  const rule = { enforce: true, onStoreFailure: "allow" } as const;
  return [
    { key: `requests-${user}`, window: { kind: "sliding", ms: 60_000 }, limit, amount: 1, ...rule },
    { key: `running-${user}`, window: { kind: "concurrent" }, limit, amount: 1, ...rule },
    { key: `money-${user % 10}`, window: month, limit: Number.MAX_SAFE_INTEGER, amount: 30_000_000, ...rule },
  ];
}

interface Cost {
  readonly takeUs: number;
  readonly settleUs: number;
}

let leases = 0;

/** Batches of `together` at once; time per call on the clock, divided by how many there were at once. */
async function measure(store: CounterStore, calls: number, together: number, limit: number): Promise<Cost> {
  let [takeMs, settleMs] = [0, 0];
  for (let done = 0; done < calls; done += together) {
    const startMs = performance.now();
    const taken = await Promise.all(
      Array.from({ length: together }, (_, index) => {
        const claims = claimsOf((done + index) % users, limit);
        return store.take({ lease: `${process.pid}-${leases++}`, tenant: "bench", claims, leaseMs });
      }),
    );
    const takenMs = performance.now();
    await Promise.all(
      taken.map((each) => {
        if (each.outcome !== "granted") return undefined;
        return store.settle(each.reservation, [1, 1, 12_000_000]);
      }),
    );
    takeMs += takenMs - startMs;
    settleMs += performance.now() - takenMs;
  }
  return { takeUs: (takeMs * 1000) / calls, settleUs: (settleMs * 1000) / calls };
}

function show(what: string, { takeUs, settleUs }: Cost): void {
  console.log(
    `${what.padEnd(46)} take ${takeUs.toFixed(1).padStart(7)} µs   settle ${settleUs.toFixed(1).padStart(7)} µs`,
  );
}

async function inRedis(url: string): Promise<void> {
  const redis = connectRedis({
    url,
    onTrouble: (error) => console.error(error.message),
    commandTimeoutMs: 5_000,
  });
  const watcher = new Redis(url);
  await watcher.ping();
  const store = new RedisCounters({ redis, prefix: `bench-${process.pid}:`, ...clocks });
  const cpuUs = async () => {
    const info = await watcher.info("cpu");
    const seconds = [...info.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].map(([, text]) => Number(text));
    return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
  };
  await measure(store, 4_000, 50, 1e9);
  for (const [what, together, limit] of [
    ["Redis, one at a time", 1, 1e9],
    ["Redis, 50 at once, each its share", 50, 1e9],
    ["Redis, 50 at once, all refused", 50, 0],
  ] as const) {
    const calls = 10_000;
    const before = [await cpuUs(), process.cpuUsage()] as const;
    show(what, await measure(store, calls, together, limit));
    const ours = process.cpuUsage(before[1]);
    const server = ((await cpuUs()) - before[0]) / calls;
    console.log(
      `  CPU per exchange: Redis ${server.toFixed(0)} µs, this process ${((ours.user + ours.system) / calls).toFixed(0)} µs`,
    );
  }
  redis.disconnect();
  watcher.disconnect();
}

async function inMemory(what: string, limit: number): Promise<void> {
  const calls = 200_000;
  const before = process.cpuUsage();
  show(what, await measure(memory, calls, 1, limit));
  const { user, system } = process.cpuUsage(before);
  console.log(`  CPU per exchange: ${((user + system) / calls).toFixed(1)} µs`);
}

const memory = new MemoryCounters(clocks);
await measure(memory, 50_000, 1, 1e9);
await inMemory("memory", 1e9);
await inMemory("memory, all refused", 0);
const url = process.env["REDIS_URL"];
if (url !== undefined && url !== "") await inRedis(url);
else {
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
  const server = await startChild({ name: "redis-server", command: "redis-server", args });
  await inRedis(`redis://127.0.0.1:${port}`).finally(() => server.stop());
}
