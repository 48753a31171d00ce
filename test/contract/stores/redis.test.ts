/** The counters in Redis, held to the contract. */
import { afterAll, describe, expect, it } from "vitest";
import { claim, concurrent, granted, minute } from "./claims.ts";
import { describeStore } from "./contract.ts";
import { redisBinary } from "./redis-binary.ts";
import { startRedis } from "./redis-server.ts";
import { redisSubject } from "./redis-subject.ts";

const binary = await redisBinary();
const server = binary === undefined ? undefined : await startRedis({ binary });
afterAll(() => server?.stop());

describe.skipIf(server === undefined)("with a Redis of its own", () => {
  describeStore("Redis", () => {
    if (server === undefined) throw new Error("skipped");
    return redisSubject(server.client);
  });

  // Redis forgets keys by its own clock, which no test can turn: so what it has been told is looked at.
  it("keeps a calendar counter beyond its period, whoever goes on to take from it", async () => {
    if (server === undefined) throw new Error("skipped");
    const { store, prefix, nowMs, advance } = await redisSubject(server.client);
    const window = { kind: "calendar", period: "2026-11", endsMs: nowMs() + 9e8 } as const;
    const left = () => server.client.pttl(`${prefix}{tacme}:c:budget:2026-11`);
    const first = await granted(store, [claim("budget", 1_000, 10, { window })]);
    expect(await left()).toBeGreaterThan(9e8);
    // Its lease ends later than all before.
    await advance(30_000);
    const second = await granted(store, [claim("budget", 1_000, 10, { window })]);
    await store.settle(first.reservation, [7]);
    await advance(30_000);
    await store.renew(second.reservation, 60_000);
    await store.settle(second.reservation, [7]);
    expect(await left()).toBeGreaterThan(9e8);
  });

  it("keeps other counters until the last of what they hold has left", async () => {
    if (server === undefined) throw new Error("skipped");
    const { store, prefix, advance } = await redisSubject(server.client);
    const claims = [
      claim("sliding", 1_000, 10, { window: minute }),
      claim("now", 10, 1, { window: concurrent }),
    ];
    await granted(store, claims);
    await advance(20_000);
    await granted(store, claims);
    for (const key of ["sliding:60000", "now:now"]) {
      const left = await server.client.pttl(`${prefix}{tacme}:c:${key}`);
      expect(left).toBeGreaterThan(59_000);
      expect(left).toBeLessThan(70_000);
    }
  });
});
