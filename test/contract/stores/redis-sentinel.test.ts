/** A failover: sentinels make the replica the primary, and the counters go on from what it has. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Child, startChild } from "../../../src/cli/demo/child.ts";
import { freePort } from "../../../src/cli/demo/port.ts";
import { openCounters } from "../../../src/stores/open-counters.ts";
import { claim, granted, take } from "./claims.ts";
import { redisBinary } from "./redis-binary.ts";
import { pause, type RedisServer, startRedis } from "./redis-server.ts";

const binary = (await redisBinary()) ?? "";
const month = { kind: "calendar", period: "2026-11", endsMs: Date.now() + 86_400_000 } as const;

describe.skipIf(binary === "")("a Redis with a replica and a sentinel", () => {
  let primary: RedisServer;
  let replica: RedisServer;
  let sentinel: Child;
  let asking: Redis;
  let folder: string;
  let port: number;
  beforeAll(async () => {
    primary = await startRedis({ binary });
    replica = await startRedis({ binary });
    await replica.client.replicaof("127.0.0.1", primary.port);
    folder = await mkdtemp(join(tmpdir(), "tollgate-sentinel-"));
    port = await freePort();
    const file = join(folder, "sentinel.conf");
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
      "sentinel down-after-milliseconds main 60000",
    ];
    await writeFile(file, `${lines.join("\n")}\n`);
    sentinel = await startChild({ name: "sentinel", command: binary, args: [file, "--sentinel"] });
    asking = new Redis(port, { retryStrategy: () => 50, enableReadyCheck: false, protocol: 2 });
    asking.on("error", () => {});
    // It learns of replicas from the primary.
    const replicas = async () => String(await asking.call("SENTINEL", "REPLICAS", "main"));
    await vi.waitFor(async () => expect(await replicas()).toContain("slave"), {
      timeout: 20_000,
      interval: 100,
    });
  }, 30_000);
  afterAll(async () => {
    asking.disconnect();
    await sentinel.stop();
    await replica.stop();
    await primary.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("changes its primary, and nothing is counted anew", async () => {
    const heard: string[] = [];
    const { store, close } = await openCounters({
      redisUrl: `redis-sentinel://127.0.0.1:${port}/main`,
      monotonicMs: () => performance.now(),
      wallMs: Date.now,
      notices: {
        down: () => heard.push("down"),
        up: () => heard.push("up"),
        dropped: () => heard.push("dropped"),
      },
    });
    const money = claim("a", 10, 6, { window: month, onStoreFailure: "refuse" });
    const { reservation } = await granted(store, [money]);
    await primary.client.wait(1, 5_000);
    await expect
      .poll(() => asking.call("SENTINEL", "FAILOVER", "main").catch(String), { timeout: 10_000 })
      .toBe("OK");
    await expect
      .poll(async () => String(await replica.client.role()), { timeout: 10_000 })
      .toContain("master");
    const deadline = Date.now() + 10_000;
    let outcome = "unavailable";
    while (outcome === "unavailable" && Date.now() < deadline) {
      await pause(100);
      outcome = (await take(store, [money])).outcome;
    }
    expect(outcome).toBe("denied");
    await store.settle(reservation, [4]);
    await expect
      .poll(async () => (await store.levels("acme", [{ key: "a", window: month }]))[0])
      .toMatchObject({ used: 4, reserved: 0 });
    expect(await replica.client.dbsize()).toBeGreaterThan(0);
    expect(heard).not.toContain("dropped");
    await close();
  }, 40_000);
});
