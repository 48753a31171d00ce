/** The counters in Redis, held to the contract. */
import { afterAll, describe } from "vitest";
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
});
