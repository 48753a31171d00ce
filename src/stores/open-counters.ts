/** The counters as a process has them: shared through Redis when there is one, else its own. */
import { once } from "node:events";
import type { CounterStore } from "./counter-store.ts";
import { FailoverCounters } from "./failover/failover-counters.ts";
import { MemoryCounters } from "./memory/memory-counters.ts";
import { connectRedis } from "./redis/connection.ts";
import { RedisCounters, settledMarkMs } from "./redis/redis-counters.ts";

export interface CountersOptions {
  /** See `parseRedisAddress`; undefined: counters of this process alone. */
  readonly redisUrl: string | undefined;
  readonly monotonicMs: () => number;
  /** The clock that calendars go by. */
  readonly wallMs: () => number;
  /** What a person should hear of. No text holds a password. */
  readonly notices: StoreNotices;
}

export interface StoreNotices {
  /** Counted in this process from now on. */
  down(error: Error): void;
  up(): void;
  /** Settlements that the shared counters will never hear of. */
  dropped(count: number): void;
}

export interface Counters {
  readonly store: CounterStore;
  /** False while a shared store is not reached. */
  isUp(): boolean;
  /** Settlements that a shared store has yet to hear of. */
  backlog(): number;
  close(): Promise<void>;
}

/** So that the first exchanges do not find a store that is only about to be reached. */
const firstConnectionMs = 2_000;

/** Waits a moment for the first connection; without one it begins as it goes on when one is lost. */
export async function openCounters(options: CountersOptions): Promise<Counters> {
  const { redisUrl, monotonicMs, wallMs, notices } = options;
  const memory = new MemoryCounters({ monotonicMs, wallMs });
  if (redisUrl === undefined) {
    return { store: memory, isUp: () => true, backlog: () => 0, close: async () => {} };
  }
  let trouble: Error | undefined;
  // Every failed attempt to connect is heard of here. It is told once, as a store that is down.
  const onTrouble = (error: Error) => {
    trouble = error;
  };
  const redis = connectRedis({ url: redisUrl, onTrouble });
  const store = new FailoverCounters({
    store: new RedisCounters({ redis, monotonicMs, wallMs }),
    shadow: memory,
    monotonicMs,
    settledMarkMs,
    // "Not connected" says less than why.
    onDown: (error) => notices.down(trouble ?? error),
    onUp: () => {
      trouble = undefined;
      notices.up();
    },
    onDropped: notices.dropped,
  });
  await once(redis, "ready", { signal: AbortSignal.timeout(firstConnectionMs) }).catch(() => {});
  return {
    store,
    isUp: () => store.isUp,
    backlog: () => store.backlog,
    async close() {
      await store.close();
      redis.disconnect();
    },
  };
}
