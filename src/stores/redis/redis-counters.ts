/** The counters of many sidecars in one Redis: one script, hence one round trip and one atomic step, for each thing. */
import type { Cluster, Redis } from "ioredis";
import {
  type CounterName,
  type CounterStore,
  checkAmount,
  checkLease,
  checkTake,
  type Level,
  type Reservation,
  StoreUnavailableError,
  type Take,
  type Taken,
  windowName,
} from "../counter-store.ts";
import { gridMs, shapeOf } from "../slices.ts";
import { counterScripts, type Script, type Scripts } from "./scripts.ts";
import { storeTrouble } from "./trouble.ts";

export interface RedisCountersOptions {
  readonly redis: Redis | Cluster;
  readonly monotonicMs: () => number;
  /** The clock that calendars go by. */
  readonly wallMs: () => number;
  /** Before every key. */
  readonly prefix?: string;
  /** Lua that sets the local `now`; Redis's own time unless a test has another. */
  readonly clock?: string;
}

/** How long the mark stays by which a second settlement of the same lease is known. */
export const settledMarkMs = 600_000;
/** How long a lease that ran out waits for its settlement. */
const keptAfterEndMs = 600_000;
const perClaim = 4;

export class RedisCounters implements CounterStore {
  readonly #redis: Redis | Cluster;
  readonly #monotonicMs: () => number;
  readonly #wallMs: () => number;
  readonly #prefix: string;
  readonly #scripts: Scripts;

  constructor(options: RedisCountersOptions) {
    this.#redis = options.redis;
    this.#monotonicMs = options.monotonicMs;
    this.#wallMs = options.wallMs;
    this.#prefix = options.prefix ?? "tollgate:";
    this.#scripts = counterScripts(options.clock);
  }

  async take(take: Take): Promise<Taken> {
    checkTake(take);
    const { lease, tenant, claims, leaseMs } = take;
    const takenMs = Math.floor(this.#monotonicMs());
    const args = [leaseMs, gridMs(leaseMs), keptAfterEndMs];
    this.#eachShape(claims, args, ({ limit, amount, enforce }) => [limit, amount, enforce ? 1 : 0]);
    const reply = await this.#run(this.#scripts.take, this.#keys(tenant, claims, lease), args);
    const [granted, denied, waitMs, ...counters] = reply;
    const levels = claims.map((_, index) => levelIn(counters, index * perClaim));
    const wouldDeny = claims.flatMap(({ enforce }, index) =>
      enforce || counters[index * perClaim + 3] === 1 ? [] : [index],
    );
    if (granted === 1) {
      return { outcome: "granted", reservation: { lease, tenant, claims, takenMs }, levels, wouldDeny };
    }
    const retryAfterMs = waitMs === undefined || waitMs < 0 ? undefined : waitMs;
    return { outcome: "denied", denied: denied ?? 0, retryAfterMs, levels, wouldDeny };
  }

  async settle(reservation: Reservation, actual: readonly number[]): Promise<void> {
    actual.forEach(checkAmount);
    const args = [settledMarkMs, this.#ageMs(reservation)];
    this.#eachShape(reservation.claims, args, ({ window }, index) => [
      window.kind === "concurrent" ? 0 : (actual[index] ?? 0),
    ]);
    await this.#run(this.#scripts.settle, this.#reservationKeys(reservation), args);
  }

  async renew(reservation: Reservation, leaseMs: number): Promise<void> {
    checkLease(leaseMs);
    const args = [leaseMs, gridMs(leaseMs), keptAfterEndMs, this.#ageMs(reservation)];
    this.#eachShape(reservation.claims, args, ({ amount }) => [amount]);
    await this.#run(this.#scripts.renew, this.#reservationKeys(reservation), args);
  }

  async levels(tenant: string, counters: readonly CounterName[]): Promise<Level[]> {
    if (counters.length === 0) return [];
    const args: number[] = [];
    this.#eachShape(counters, args, () => []);
    const reply = await this.#run(this.#scripts.levels, this.#keys(tenant, counters), args);
    return counters.map((_, index) => levelIn(reply, index * 3));
  }

  #eachShape<Name extends CounterName>(
    names: readonly Name[],
    args: number[],
    more: (name: Name, index: number) => readonly number[],
  ): void {
    const wallMs = this.#wallMs();
    names.forEach((name, index) => {
      const { sliceMs, spanMs } = shapeOf(name.window, wallMs);
      args.push(sliceMs, spanMs, ...more(name, index));
    });
  }

  /** The tenant is the hash tag, so that a cluster has all keys of one script in one slot. */
  #keys(tenant: string, counters: readonly CounterName[], lease?: string): string[] {
    const tag = `${this.#prefix}{${tagText(tenant)}}:`;
    const keys = counters.map(({ key, window }) => `${tag}c:${key}:${windowName(window)}`);
    return lease === undefined ? keys : [`${tag}l:${lease}`, ...keys];
  }

  #reservationKeys({ tenant, claims, lease }: Reservation): string[] {
    return this.#keys(tenant, claims, lease);
  }

  /** How long ago it was taken is the same by every clock. */
  #ageMs({ takenMs }: Reservation): number {
    return Math.max(0, Math.floor(this.#monotonicMs()) - takenMs);
  }

  /** @throws StoreUnavailableError whatever went wrong */
  async #run(script: Script, keys: readonly string[], args: readonly number[]): Promise<number[]> {
    try {
      const all = [...keys, ...args];
      const reply = await this.#redis.evalsha(script.sha1, keys.length, ...all).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
        return this.#redis.eval(script.text, keys.length, ...all);
      });
      return String(reply).split(" ").map(Number);
    } catch (error) {
      throw new StoreUnavailableError(storeTrouble(error), error);
    }
  }
}

function levelIn(reply: readonly number[], at: number): Level {
  return { used: reply[at] ?? 0, reserved: reply[at + 1] ?? 0, resetMs: reply[at + 2] ?? 0 };
}

/** Without braces, which would end the hash tag, and never empty, which would be none. */
function tagText(tenant: string): string {
  return `t${tenant.replace(/[^A-Za-z0-9._-]/g, (character) => `%${character.charCodeAt(0).toString(16)}.`)}`;
}
