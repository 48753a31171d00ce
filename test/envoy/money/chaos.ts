/** What befalls the gateways and their store, and when: by the seed, at certain numbers of calls. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RedisServer } from "../../contract/stores/redis-server.ts";
import type { Clients } from "./clients.ts";
import type { Fleet } from "./fleet.ts";
import { between, pick, type Random, seeded } from "./seeded.ts";

type Disaster =
  /** A Tollgate is killed; what took its place takes over. */
  | "kill"
  /** Redis is killed, and comes back with its data. */
  | "redis"
  /** Redis answers nobody, and later does all that it was asked meanwhile. */
  | "frozen"
  /** Both at once: what waits for Redis goes with the process. */
  | "both";

const order: readonly Disaster[] = ["kill", "redis", "frozen", "kill", "redis", "both"];

/** Numbers of calls at which disaster strikes: evenly spread, but never quite. */
function moments(random: Random, calls: number, count: number): number[] {
  const part = calls / (count + 1);
  return Array.from({ length: count }, (_, index) => Math.floor(part * (index + 0.5 + random() * 0.8)));
}

export interface Chaos {
  readonly seed: number;
  readonly calls: number;
  readonly disasters: number;
  readonly clients: Clients;
  readonly fleet: Fleet;
  readonly redis: RedisServer;
}

/** @returns how often which disaster struck */
export async function unleash(chaos: Chaos): Promise<Readonly<Record<Disaster, number>>> {
  try {
    return await strikes(chaos);
  } finally {
    chaos.clients.goOnUntil(chaos.calls);
  }
}

async function strikes(chaos: Chaos): Promise<Record<Disaster, number>> {
  const { seed, calls, disasters, clients, fleet, redis } = chaos;
  const random = seeded(seed, "chaos");
  const times = moments(random, calls, disasters);
  clients.goOnUntil(times[0] ?? calls);
  const struckBy = { kill: 0, redis: 0, frozen: 0, both: 0 };
  for (const [index, time] of times.entries()) {
    await until(() => clients.begun >= time);
    await calm(fleet);
    // In the midst of things: until the next disaster they go on.
    clients.goOnUntil(times[index + 1] ?? calls);
    const struck = time + between(random, 20, 80);
    await until(() => clients.begun >= struck);
    const calmMs = Date.now();
    await calm(fleet);
    const victim = pick(random, [0, 1]);
    const [restartAfterMs, awayMs] = [between(random, 0, 300), between(random, 200, 1_200)];
    const disaster = order[index % order.length] ?? "kill";
    struckBy[disaster]++;
    switch (disaster) {
      case "kill":
        await fleet.kill(victim, restartAfterMs, calmMs);
        break;
      case "frozen":
        redis.freeze();
        await sleep(2 * awayMs);
        redis.thaw();
        break;
      case "redis":
      case "both":
        await redis.kill();
        await sleep(awayMs);
        if (disaster === "both") await fleet.kill(victim, restartAfterMs, calmMs);
        await redis.start();
        break;
      default:
        disaster satisfies never;
    }
  }
  return struckBy;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

/** Nothing waits for the counters: so it is known of a kill alone what it can have taken. */
async function calm(fleet: Fleet): Promise<void> {
  for (const index of fleet.members.keys()) {
    const isCalm = async () =>
      (await fleet.metric(index, "tollgate_counters_up")) === 1 &&
      (await fleet.metric(index, "tollgate_counters_backlog")) === 0;
    while (!(await isCalm())) await sleep(50);
  }
}
