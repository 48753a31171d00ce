/** Redis under the contract: its clock is a key that the test sets. */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { RedisCounters } from "../../../src/stores/redis/redis-counters.ts";
import type { Subject } from "./contract.ts";

export async function redisSubject(redis: Redis): Promise<Subject & { readonly prefix: string }> {
  const prefix = `${randomUUID()}:`;
  let nowMs = 1_764_000_000_123;
  const tell = () => redis.set("test:now", nowMs);
  await tell();
  return {
    prefix,
    store: new RedisCounters({
      redis,
      prefix,
      monotonicMs: () => nowMs,
      wallMs: () => nowMs,
      clock: "local now = tonumber(redis.call('GET', 'test:now'))\n",
    }),
    nowMs: () => nowMs,
    async advance(ms) {
      nowMs += ms;
      await tell();
    },
  };
}
