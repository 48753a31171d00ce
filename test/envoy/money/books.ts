/** The books after the traffic: rows of both ledgers, Envoy's access logs, leases and counters in Redis. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { Row } from "../../../src/database/database.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { type Counted, countedOf } from "../../../src/rules/quota/counted.ts";
import type { CallContext } from "../../../src/rules/rule.ts";
import type { Level } from "../../../src/stores/counter-store.ts";
import { RedisCounters } from "../../../src/stores/redis/redis-counters.ts";
import { rowsOf } from "../ledger/rows.ts";
import { departments } from "./calls.ts";
import type { Fleet } from "./fleet.ts";
import { targets } from "./policy.ts";

export interface KeptExchange {
  readonly id: string;
  readonly number: number;
  readonly gateway: number;
  readonly row: Row;
  readonly attempts: readonly Row[];
}

/** The number of the call is the id that its client gave it. */
export function numberOf(exchangeId: string): number {
  return Number(exchangeId.slice(0, exchangeId.indexOf("-")));
}

export const whole = (value: unknown) => BigInt(String(value ?? 0));

export async function readLedgers(fleet: Fleet): Promise<{ exchanges: KeptExchange[]; hourly: Row[] }> {
  const exchanges: KeptExchange[] = [];
  const hourly: Row[] = [];
  for (const [gateway, { env }] of fleet.members.entries()) {
    const attempts = new Map<string, Row[]>();
    for (const row of await rowsOf(env, "SELECT * FROM ledger_attempts ORDER BY exchange_id, number")) {
      const id = String(row["exchange_id"]);
      attempts.set(id, [...(attempts.get(id) ?? []), row]);
    }
    for (const row of await rowsOf(env, "SELECT * FROM ledger_exchanges")) {
      const id = String(row["id"]);
      exchanges.push({ id, number: numberOf(id), gateway, row, attempts: attempts.get(id) ?? [] });
    }
    hourly.push(...(await rowsOf(env, "SELECT * FROM ledger_hourly")));
  }
  return { exchanges, hourly };
}

/** Of one tenant, by the order of the claims that its exchanges make. */
export interface Lease {
  readonly tenant: string;
  readonly exchange: string;
  /** 1: what it took when it came; others count what went to targets that it did not expect. */
  readonly nth: number;
  /** Undefined: it is settled. */
  readonly open: { readonly endsMs: number; readonly amounts: readonly number[] } | undefined;
}

/** Redis forgets settled ones after ten minutes: what was seen of them is kept here. */
export class Leases {
  readonly #found = new Map<string, Lease>();
  readonly #client: Redis;

  constructor(client: Redis) {
    this.#client = client;
  }

  async look(): Promise<void> {
    let cursor = "0";
    do {
      const [next, keys] = await this.#client.scan(cursor, "MATCH", "tollgate:*:l:*", "COUNT", 2_000);
      cursor = next;
      const texts = keys.length === 0 ? [] : await this.#client.mget(keys);
      keys.forEach((key, index) => {
        const lease = leaseOf(key, texts[index] ?? "");
        if (lease !== undefined) this.#found.set(key, lease);
      });
    } while (cursor !== "0");
  }

  all(): Lease[] {
    return [...this.#found.values()];
  }
}

function leaseOf(key: string, text: string): Lease | undefined {
  const [, tenant = "", exchange = "", count] = /^tollgate:\{t(.*)\}:l:(.*)\.(\d+)$/.exec(key) ?? [];
  const nth = Number(count);
  if (exchange === "" || text === "") return undefined;
  if (text === "settled") return { tenant, exchange, nth, open: undefined };
  const [[endsMs = 0] = [], ...places] = text.split(";").map((place) => place.split(",").map(Number));
  return { tenant, exchange, nth, open: { endsMs, amounts: places.map(([, amount = 0]) => amount) } };
}

export interface CounterStanding {
  readonly tenant: string;
  readonly department: string;
  readonly target: string;
  readonly counted: Counted;
  readonly level: Level;
}

/** Edges of time between two clocks of one machine. */
const edgeMs = 100;

/** Leases and counters of one moment: none of the leases ends while the counters are read. */
export async function reading(
  redis: Redis,
  leases: Leases,
  policy: Policy,
): Promise<{ leases: Lease[]; standings: CounterStanding[]; readMs: number }> {
  for (;;) {
    await leases.look();
    const readMs = Date.now();
    const found = await standings(redis, policy);
    const isEdge = ({ open }: Lease) =>
      open !== undefined && open.endsMs > readMs - edgeMs && open.endsMs < Date.now() + edgeMs;
    const all = leases.all();
    if (!all.some(isEdge)) return { leases: all, standings: found, readMs };
    await sleep(2 * edgeMs);
  }
}

/** Milliseconds for which Redis keeps the counter of a budget that it would forget first. */
export async function shortestKept(redis: Redis): Promise<number> {
  const keys = await redis.keys("tollgate:*:c:*:month:*");
  const kept = await Promise.all(keys.map((key) => redis.pttl(key)));
  return Math.min(...kept);
}

/** Every counter that the traffic can have touched; those that do not tell departments or targets apart come once. */
export async function standings(redis: Redis, policy: Policy): Promise<CounterStanding[]> {
  const store = new RedisCounters({ redis, monotonicMs: () => performance.now(), wallMs: Date.now });
  const found = new Map<string, CounterStanding>();
  for (const { tenant, department } of departments) {
    for (const target of targets) {
      const counted = countersOf(policy, { tenant, department }, target);
      const levels = await store.levels(
        tenant,
        counted.map(({ claim }) => claim),
      );
      counted.forEach((one, index) => {
        const level = levels[index];
        if (level === undefined) return;
        found.set(`${tenant} ${one.claim.key}`, { tenant, department, target, counted: one, level });
      });
    }
  }
  return [...found.values()];
}

/** As the rule itself counts, and in its order. */
export function countersOf(
  policy: Policy,
  caller: { readonly tenant: string; readonly department: string },
  target: string,
): Counted[] {
  const call: CallContext = {
    ...{ id: "", route: "gated", policy, operation: "generate" },
    caller: {
      ...{ app: undefined, user: undefined, plan: undefined, ip: undefined },
      ...{ keyId: undefined, keyLimits: undefined, tags: {}, ...caller },
    },
    header: () => undefined,
    remarks: { headers: [], rulings: [], reservedNanoUsd: undefined },
  };
  const worst = { tokens: 0, nanoUsd: 0, unpriced: false };
  return countedOf(policy.quotas, call, { model: "", target }, worst, Date.now());
}
