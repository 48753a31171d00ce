/** A sidecar's worth of reservations, held until the process is killed. Arguments: URL, prefix, lease ms, how many. */
import { connectRedis } from "../../../src/stores/redis/connection.ts";
import { RedisCounters } from "../../../src/stores/redis/redis-counters.ts";
import { claim, concurrent } from "./claims.ts";

const [url = "", prefix = "", leaseMs = "", count = ""] = process.argv.slice(2);
const redis = connectRedis({ url, onTrouble: () => {} });
redis.on("ready", async () => {
  const store = new RedisCounters({ redis, prefix, monotonicMs: () => performance.now(), wallMs: Date.now });
  let holds = 0;
  for (let turn = 0; turn < Number(count); turn++) {
    const claims = [claim("running", 50, 1, { window: concurrent }), claim("money", 1_000, 20)];
    const lease = `${process.pid}-${turn}`;
    const taken = await store.take({ lease, tenant: "acme", claims, leaseMs: Number(leaseMs) });
    if (taken.outcome === "granted") holds++;
  }
  process.stdout.write(`${holds}\n`);
});
