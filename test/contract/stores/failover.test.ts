/** Sidecars whose Redis dies and comes back. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Claim } from "../../../src/stores/counter-store.ts";
import { type Counters, openCounters } from "../../../src/stores/open-counters.ts";
import { claim, concurrent, granted, minute, outcome, take } from "./claims.ts";
import { redisBinary } from "./redis-binary.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

const binary = (await redisBinary()) ?? "";
const month = { kind: "calendar", period: "2026-11", endsMs: Date.now() + 86_400_000 } as const;
const back = { timeout: 8_000 };

describe.skipIf(binary === "")("counters whose Redis dies", { timeout: 30_000 }, () => {
  let server: RedisServer;
  let tenant: string;
  let heard: string[];
  const opened: Counters[] = [];
  beforeAll(async () => {
    server = await startRedis({ binary, keepsData: true });
  });
  beforeEach(() => {
    tenant = randomUUID();
    heard = [];
  });
  afterEach(async () => {
    for (const counters of opened.splice(0)) await counters.close();
  });
  afterAll(() => server.stop());

  async function sidecar(): Promise<Counters> {
    const counters = await openCounters({
      redisUrl: server.url,
      monotonicMs: () => performance.now(),
      wallMs: Date.now,
      notices: {
        down: (error) => heard.push(`down: ${error.message}`),
        up: () => heard.push("up"),
        dropped: (count) => heard.push(`dropped ${count}`),
      },
    });
    opened.push(counters);
    return counters;
  }
  const takeFrom = async ({ store }: Counters, ...claims: readonly Claim[]) =>
    (await take(store, claims, { tenant })).outcome;
  const grantedBy = ({ store }: Counters, ...claims: readonly Claim[]) => granted(store, claims, { tenant });
  const levelIn = async ({ store }: Counters, key: string, window = minute) =>
    (await store.levels(tenant, [{ key, window }]))[0];

  it("refuse the claims that say so, at once and for another reason than a limit", async () => {
    const counters = await sidecar();
    const strict = claim("b", 9, 1, { onStoreFailure: "refuse" });
    await server.kill();
    for (let turn = 0; turn < 4; turn++) {
      const taken = await take(counters.store, [claim("a", 9, 1), strict], { tenant });
      expect(taken).toEqual({ outcome: "unavailable", claim: 1 });
    }
    expect(await takeFrom(counters, { ...strict, enforce: false })).toBe("granted");
    expect(heard.filter((each) => each.startsWith("down"))).toHaveLength(1);
    const startMs = performance.now();
    for (let turn = 0; turn < 200; turn++) await take(counters.store, [strict], { tenant });
    expect(performance.now() - startMs).toBeLessThan(1_000);
    await server.start();
    await expect.poll(() => takeFrom(counters, strict), back).toBe("granted");
  });

  it("go on with a limit of their own, from the level last seen, and tell Redis once what that came to", async () => {
    const [here, there] = [await sidecar(), await sidecar()];
    const money = (amount: number) => claim("money", 100, amount, { window: month });
    const first = await grantedBy(here, money(40));
    await here.store.settle(first.reservation, [30]);
    await grantedBy(there, money(20));
    await grantedBy(here, money(10));
    await server.kill();
    // 30 spent and 30 held when Redis was last heard of.
    expect(await takeFrom(here, money(41))).toBe("denied");
    const alone = await grantedBy(here, money(40));
    expect(await takeFrom(here, money(1))).toBe("denied");
    await here.store.settle(alone.reservation, [25]);
    await here.store.settle(alone.reservation, [25]);
    expect(here.isUp()).toBe(false);
    expect(await takeFrom(here, money(15))).toBe("granted");
    await server.start();
    await expect.poll(() => here.isUp() && here.backlog() === 0, back).toBe(true);
    expect(await levelIn(there, "money", month)).toMatchObject({ used: 55, reserved: 30 });
    expect(heard).not.toContainEqual(expect.stringContaining("dropped"));
  });

  it("count what was taken before, and settled while Redis was away", async () => {
    const counters = await sidecar();
    const claims = [claim("a", 9, 5, { window: month }), claim("b", 9, 1, { window: concurrent })];
    const { reservation } = await grantedBy(counters, ...claims);
    await server.kill();
    await counters.store.settle(reservation, [2, 1]);
    await server.start();
    await expect.poll(() => counters.isUp() && counters.backlog() === 0, back).toBe(true);
    expect(await levelIn(counters, "a", month)).toMatchObject({ used: 2, reserved: 0 });
    expect(await levelIn(counters, "b", concurrent)).toMatchObject({ reserved: 0 });
  });

  it("reserve in Redis by the next renewal what was taken without it", async () => {
    const counters = await sidecar();
    await server.kill();
    const running = claim("a", 9, 1, { window: concurrent });
    const { reservation } = await grantedBy(counters, running);
    await server.start();
    await expect.poll(() => counters.isUp(), back).toBe(true);
    expect(await levelIn(counters, "a", concurrent)).toMatchObject({ reserved: 0 });
    await counters.store.renew(reservation, 60_000);
    expect(await levelIn(counters, "a", concurrent)).toMatchObject({ reserved: 1 });
    await counters.store.settle(reservation, [1]);
    expect(await levelIn(counters, "a", concurrent)).toMatchObject({ reserved: 0 });
  });

  it("count once what was counted before the answer was lost", async () => {
    const counters = await sidecar();
    const { reservation } = await grantedBy(counters, claim("a", 99, 9, { window: month }));
    server.freeze();
    // Redis has these in its buffer, and does them all when it goes on.
    await Promise.all([
      counters.store.settle(reservation, [4]),
      ...Array.from({ length: 5 }, () =>
        take(counters.store, [claim("a", 99, 7, { window: month, onStoreFailure: "refuse" })], { tenant }),
      ),
    ]);
    expect(counters.isUp()).toBe(false);
    server.thaw();
    await expect.poll(() => counters.isUp() && counters.backlog() === 0, back).toBe(true);
    expect(await levelIn(counters, "a", month)).toMatchObject({ used: 4, reserved: 0 });
  });

  it("work from the start without Redis, and with it as soon as it is there", async () => {
    await server.kill();
    const counters = await sidecar();
    expect(await takeFrom(counters, claim("a", 1, 1))).toBe("granted");
    expect(await takeFrom(counters, claim("a", 1, 1))).toBe("denied");
    expect(heard).toEqual([expect.stringContaining("ECONNREFUSED")]);
    await server.start();
    await expect.poll(() => counters.isUp(), back).toBe(true);
  });

  it("hold the limits of each process when thousands come while Redis dies", async () => {
    const counters = await sidecar();
    const one = claim("a", 100, 1, { window: month });
    const storm = Array.from({ length: 40 }, async (_, index) => {
      if (index === 20) await server.kill();
      const taken = await Promise.all(Array.from({ length: 50 }, () => takeFrom(counters, one)));
      return taken.filter((each) => each === "granted").length;
    });
    const grants = (await Promise.all(storm)).reduce((sum, each) => sum + each, 0);
    // What Redis granted without its answer coming through was not granted to anybody.
    expect(grants).toBeLessThanOrEqual(200);
    expect(grants).toBeGreaterThanOrEqual(100);
    await server.start();
    expect(await outcome(counters.store)).toBe("granted");
  });
});
