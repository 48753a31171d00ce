/** What only a store of many processes has to stand: the others, their ends, Redis's own, and its clock. */
import { randomUUID } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startChild } from "../../../src/cli/demo/child.ts";
import { type CounterStore, StoreUnavailableError } from "../../../src/stores/counter-store.ts";
import { connectRedis } from "../../../src/stores/redis/connection.ts";
import { RedisCounters } from "../../../src/stores/redis/redis-counters.ts";
import { claim, concurrent, granted, minute, outcome, take } from "./claims.ts";
import { redisBinary } from "./redis-binary.ts";
import { pause, type RedisServer, startRedis } from "./redis-server.ts";
import { redisSubject } from "./redis-subject.ts";

const binary = (await redisBinary()) ?? "";
const month = { kind: "calendar", period: "2026-11", endsMs: Date.now() + 86_400_000 } as const;

describe.skipIf(binary === "")("counters that are shared through Redis", { timeout: 30_000 }, () => {
  let server: RedisServer;
  let prefix: string;
  const connections: (Redis | Cluster)[] = [];
  beforeAll(async () => {
    server = await startRedis({ binary, keepsData: true });
  });
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.disconnect();
  });
  afterAll(() => server.stop());

  /** One sidecar's store, with a clock that is `skewMs` off. */
  async function sidecar(skewMs = 0, commandTimeoutMs = 100): Promise<CounterStore> {
    const redis = connectRedis({ url: server.url, onTrouble: () => {}, commandTimeoutMs });
    connections.push(redis);
    await new Promise((resolve) => redis.once("ready", resolve));
    const monotonicMs = () => performance.now() + skewMs;
    return new RedisCounters({ redis, prefix, monotonicMs, wallMs: () => Date.now() + skewMs });
  }
  const fresh = () => {
    prefix = `${randomUUID()}:`;
  };

  it("are not overdrawn by sidecars that storm them together", async () => {
    fresh();
    const stores = await Promise.all([0, 0, 0].map(() => sidecar(0, 10_000)));
    const wanted = Array.from({ length: 4_500 }, (_, index) => {
      const store = stores[index % stores.length];
      if (store === undefined) throw new Error("no store");
      return take(store, [claim("tokens", 100_000, 170), claim("requests", 10_000, 1)]);
    });
    const outcomes = (await Promise.all(wanted)).map((taken) => taken.outcome);
    expect(outcomes.filter((each) => each === "granted")).toHaveLength(Math.floor(100_000 / 170));
  });

  it("do not mind clocks of sidecars that are hours off", async () => {
    fresh();
    const [early, late] = [await sidecar(-7_200_000), await sidecar(7_200_000)];
    const first = await granted(early, [claim("a", 2, 1)]);
    expect(await outcome(late, claim("a", 2, 1))).toBe("granted");
    expect(await outcome(early, claim("a", 2, 1))).toBe("denied");
    await early.settle(first.reservation, [0]);
    expect(await outcome(late, claim("a", 2, 1))).toBe("granted");
  });

  it("are free again when a sidecar that was killed has had its time", async () => {
    fresh();
    const leaseMs = 3_000;
    const args = ["--import", "tsx", new URL("holder.ts", import.meta.url).pathname];
    let holds = "";
    const child = await startChild({
      name: "holder",
      command: process.execPath,
      args: [...args, server.url, prefix, String(leaseMs), "60"],
      onOutput: (line) => {
        holds = line;
        child.kill("SIGKILL");
      },
    });
    expect(await child.exited).toMatchObject({ signal: "SIGKILL" });
    expect(holds).toBe("50");
    const store = await sidecar();
    const one = claim("running", 50, 1, { window: concurrent });
    expect(await outcome(store, one)).toBe("denied");
    await pause((leaseMs * 9) / 8);
    const levels = await store.levels("acme", [
      { key: "running", window: concurrent },
      { key: "money", window: minute },
    ]);
    expect(levels).toMatchObject([
      { used: 0, reserved: 0 },
      { used: 0, reserved: 0 },
    ]);
    expect(await outcome(store, one)).toBe("granted");
  });

  it("leave nothing behind for ever", async () => {
    fresh();
    const store = await sidecar();
    const short = { window: { kind: "sliding", ms: 100 } } as const;
    const held = { window: concurrent };
    const options = { leaseMs: 200 };
    for (let turn = 0; turn < 3; turn++) {
      const claims = [claim("a", 9, 1, short), claim("b", 9, 1, held), claim("c", 9, 1, { window: month })];
      const { reservation } = await granted(store, claims, options);
      if (turn > 0) await store.renew(reservation, 200);
      if (turn > 1) await store.settle(reservation, [1, 1, 1]);
      await take(store, [claim("a", 1, 1, short)], options);
      await pause(20);
    }
    const keys = await server.client.keys(`${prefix}*`);
    expect(keys).toHaveLength(6);
    for (const key of keys) expect(await server.client.pttl(key)).toBeGreaterThan(0);
    await pause(1_400);
    const left = await server.client.keys(`${prefix}*`);
    expect(left.filter((key) => /:c:[ab]:/.test(key))).toEqual([]);
  });

  it("do not need their scripts to be known", async () => {
    fresh();
    const store = await sidecar();
    await server.client.script("FLUSH");
    const { reservation } = await granted(store, [claim("a", 1, 1)]);
    await server.client.script("FLUSH");
    await store.settle(reservation, [0]);
    expect(await outcome(store, claim("a", 1, 1))).toBe("granted");
  });

  it("reserve nothing when one of them cannot be read", async () => {
    fresh();
    const store = await sidecar();
    await server.client.set(`${prefix}{tacme}:c:broken:60000`, "not a counter");
    const failed = take(store, [claim("a", 9, 1), claim("broken", 9, 1)]);
    await expect(failed).rejects.toMatchObject({ name: "StoreUnavailableError", trouble: "call" });
    expect(await store.levels("acme", [{ key: "a", window: minute }])).toMatchObject([{ reserved: 0 }]);
  });

  it.each([
    ["is full", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]],
    ["became a replica", ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]],
  ])("reserve nothing while Redis %s", async (_, [command = "", ...args], [undo = "", ...undoArgs]) => {
    fresh();
    const store = await sidecar();
    await server.client.call(command, ...args);
    try {
      await expect(take(store, [claim("a", 9, 1)])).rejects.toMatchObject({ trouble: "gone" });
    } finally {
      await server.client.call(undo, ...undoArgs);
    }
    const again = await sidecar();
    expect(await again.levels("acme", [{ key: "a", window: minute }])).toMatchObject([{ reserved: 0 }]);
    expect(await outcome(again, claim("a", 9, 1))).toBe("granted");
  });

  it("fail soon when Redis does not answer, and go on by themselves when it does", async () => {
    fresh();
    const store = await sidecar();
    await granted(store, [claim("a", 9, 1)]);
    server.freeze();
    const startMs = performance.now();
    await expect(take(store, [claim("a", 9, 1)])).rejects.toMatchObject({ trouble: "unanswered" });
    expect(performance.now() - startMs).toBeLessThan(1_500);
    server.thaw();
    await expect.poll(() => outcome(store, claim("a", 9, 1))).toBe("granted");
  });

  it("keep what was counted when Redis restarts with its data", async () => {
    fresh();
    const store = await sidecar();
    const { reservation } = await granted(store, [claim("a", 9, 4, { window: month })]);
    await granted(store, [claim("a", 9, 3, { window: month })]);
    await server.kill();
    await expect(take(store, [claim("a", 9, 1)])).rejects.toBeInstanceOf(StoreUnavailableError);
    await server.start();
    await expect
      .poll(
        () =>
          store.settle(reservation, [1]).then(
            () => "settled",
            () => "failed",
          ),
        { timeout: 5_000 },
      )
      .toBe("settled");
    const [level] = await store.levels("acme", [{ key: "a", window: month }]);
    expect(level).toMatchObject({ used: 1, reserved: 3 });
  });

  it("begin at nothing when Redis lost its data, but for exchanges under way", async () => {
    fresh();
    const store = await sidecar();
    const claims = [claim("a", 9, 4, { window: month }), claim("b", 9, 1, { window: concurrent })];
    const [done, running, ending] = [
      await granted(store, claims),
      await granted(store, claims),
      await granted(
        store,
        claims.map((each) => ({ ...each, enforce: false })),
      ),
    ];
    await store.settle(done.reservation, [4, 1]);
    await server.client.flushall();
    await store.renew(running.reservation, 60_000);
    await store.settle(ending.reservation, [2, 1]);
    await store.settle(ending.reservation, [2, 1]);
    const names = claims.map(({ key, window }) => ({ key, window }));
    expect(await store.levels("acme", names)).toMatchObject([
      { used: 2, reserved: 4 },
      { used: 0, reserved: 1 },
    ]);
    await store.settle(running.reservation, [3, 1]);
    expect(await store.levels("acme", names)).toMatchObject([
      { used: 5, reserved: 0 },
      { used: 0, reserved: 0 },
    ]);
  });
});

describe.skipIf(binary === "")("a clock of Redis that jumps", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ binary });
  });
  afterAll(() => server.stop());

  it("back by less than a window delays, and no more than that", async () => {
    const { store, advance } = await redisSubject(server.client);
    const { reservation } = await granted(store, [claim("a", 5, 5)]);
    await store.settle(reservation, [5]);
    await advance(-40_000);
    expect(await outcome(store, claim("a", 5, 1))).toBe("denied");
    await advance(40_000 + 62_000);
    expect(await outcome(store, claim("a", 5, 5))).toBe("granted");
  });

  it("back by more forgets one window, rather than refuse until the clock is there again", async () => {
    const { store, advance } = await redisSubject(server.client);
    const { reservation } = await granted(store, [claim("a", 5, 5)]);
    await store.settle(reservation, [5]);
    await granted(store, [claim("b", 1, 1, { window: concurrent })]);
    await advance(-86_400_000);
    expect(await outcome(store, claim("a", 5, 5), claim("b", 1, 1, { window: concurrent }))).toBe("granted");
    expect(await outcome(store, claim("a", 5, 1))).toBe("denied");
  });

  it("ahead lets windows and leases end early, and calendar counters stay", async () => {
    const { store, advance, nowMs } = await redisSubject(server.client);
    const window = { kind: "calendar", period: "2026-11", endsMs: nowMs() + 9e9 } as const;
    const { reservation } = await granted(store, [claim("a", 5, 5), claim("b", 5, 5, { window })]);
    await store.settle(reservation, [5, 5]);
    await advance(3_600_000);
    expect(await outcome(store, claim("a", 5, 5))).toBe("granted");
    expect(await outcome(store, claim("b", 5, 1, { window }))).toBe("denied");
  });
});
