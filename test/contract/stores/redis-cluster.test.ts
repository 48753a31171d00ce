/** A cluster takes no script whose keys are in several slots, and no key that is not its own. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRedis } from "../../../src/stores/redis/connection.ts";
import { RedisCounters } from "../../../src/stores/redis/redis-counters.ts";
import { claim, concurrent, granted } from "./claims.ts";
import { redisBinary } from "./redis-binary.ts";
import { type RedisServer, startCluster } from "./redis-server.ts";

const binary = (await redisBinary()) ?? "";
const month = { kind: "calendar", period: "2026-11", endsMs: Date.now() + 86_400_000 } as const;

describe.skipIf(binary === "")("a cluster of two", { timeout: 30_000 }, () => {
  let nodes: readonly RedisServer[] = [];
  beforeAll(async () => {
    nodes = await startCluster(binary);
  }, 30_000);
  afterAll(() => Promise.all(nodes.map((node) => node.stop())));

  it("has all keys of a take in one slot, whatever the tenant is called", async () => {
    const url = `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
    const redis = connectRedis({ url, onTrouble: () => {} });
    await new Promise((resolve) => redis.once("ready", resolve));
    const store = new RedisCounters({ redis, monotonicMs: () => performance.now(), wallMs: Date.now });
    for (const tenant of ["acme", "", "}", "{}", "{a}{b}", "ä ö", "b", "c", "d"]) {
      const claims = [
        claim("a", 5, 5),
        claim("b", 5, 5, { window: month }),
        claim("c", 5, 1, { window: concurrent }),
      ];
      const { reservation } = await granted(store, claims, { tenant });
      await store.renew(reservation, 60_000);
      await store.settle(reservation, [1, 2, 0]);
      const names = claims.map(({ key, window }) => ({ key, window }));
      expect((await store.levels(tenant, names)).map(({ used }) => used)).toEqual([1, 2, 0]);
    }
    for (const { client } of nodes) expect(await client.dbsize()).toBeGreaterThan(0);
    redis.disconnect();
  });
});
