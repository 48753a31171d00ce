/** REDIS_URL, as operators write it. */
import { describe, expect, it } from "vitest";
import { parseRedisAddress, type RedisAddress } from "../../../src/stores/redis/address.ts";

const plain: RedisAddress = {
  kind: "single",
  nodes: [{ host: "redis", port: 6379 }],
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
  primary: "",
};

describe("an address of Redis", () => {
  it.each<[string, Partial<RedisAddress>]>([
    ["redis://redis", {}],
    ["redis://redis/", {}],
    ["redis://redis:6380/3", { nodes: [{ host: "redis", port: 6380 }], database: 3 }],
    ["redis://[::1]:7000", { nodes: [{ host: "::1", port: 7000 }] }],
    ["rediss://tollgate:p%40ss,w@redis", { tls: true, username: "tollgate", password: "p@ss,w" }],
    ["redis://:secret@redis", { password: "secret" }],
    [
      "redis-cluster://u:p@a,b:7001",
      {
        kind: "cluster",
        nodes: [
          { host: "a", port: 6379 },
          { host: "b", port: 7001 },
        ],
        username: "u",
        password: "p",
      },
    ],
    ["rediss-cluster://a", { kind: "cluster", nodes: [{ host: "a", port: 6379 }], tls: true }],
    [
      "redis-sentinel://:p@s1,s2:26380/main",
      {
        kind: "sentinel",
        nodes: [
          { host: "s1", port: 26379 },
          { host: "s2", port: 26380 },
        ],
        password: "p",
        primary: "main",
      },
    ],
  ])("%s", (text, expected) => {
    expect(parseRedisAddress(text)).toEqual({ ...plain, ...expected });
  });

  it.each([
    ["redis", "must begin with redis://"],
    ["http://redis", "must begin with redis://"],
    ["redis://", "must begin with redis://"],
    ["redis://:secret@", "host:port"],
    ["redis://user:sec#ret@redis", "host:port"],
    ["redis://user:%zz@redis", "host:port"],
    ["redis://redis:port", "host:port"],
    ["redis://redis/main", "number"],
    ["redis://a,b", "several"],
    ["redis-cluster://a/2", "no database"],
    ["redis-sentinel://a", "/name"],
  ])("%s is none, and the reason quotes nothing of it", (text, reason) => {
    const parsed = parseRedisAddress(text);
    expect(parsed).toContain(reason);
    expect(parsed).not.toMatch(/sec|zz/);
  });
});
