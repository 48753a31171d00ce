import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readSettings, type Settings, SettingsError } from "../../../src/settings/settings.ts";

const defaults: Settings = {
  listen: { kind: "tcp", host: "127.0.0.1", port: 50051 },
  admin: { kind: "tcp", host: "127.0.0.1", port: 9902 },
  workers: 1,
  workerHost: "127.0.0.1",
  logLevel: "info",
  maxBodyBytes: 67_108_864,
  maxInFlight: 10_000,
  drainSeconds: 30,
  dataDir: resolve("data"),
  databaseUrl: undefined,
  ledger: { retentionMs: 400 * 86_400_000, maxSpoolBytes: 1_073_741_824, whenFull: "drop" },
  reasoningKey: undefined,
  redisUrl: undefined,
  anomalyWebhook: undefined,
  warnings: [],
};

/** Its base64 has the characters that the two alphabets differ in. */
const sealKey = Buffer.alloc(32, 251);

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe("readSettings", () => {
  it("has a default for everything", () => {
    expect(readSettings({ PATH: "/bin", HOME: "/root" })).toEqual(defaults);
  });

  it("takes empty variables for unset ones", () => {
    expect(readSettings({ TOLLGATE_LISTEN: "", TOLLGATE_WORKERS: " ", REDIS_URL: "" })).toEqual(defaults);
  });

  const cases: readonly (readonly [NodeJS.ProcessEnv, Partial<Settings>])[] = [
    [
      { TOLLGATE_LISTEN: "unix:/run/tollgate.sock" },
      { listen: { kind: "unix", path: "/run/tollgate.sock" }, workerHost: undefined },
    ],
    [
      { TOLLGATE_LISTEN: "10.0.0.7:6000", TOLLGATE_WORKERS: "4", REDIS_URL: "redis://cache" },
      {
        listen: { kind: "tcp", host: "10.0.0.7", port: 6000 },
        workers: 4,
        workerHost: "10.0.0.7",
        redisUrl: "redis://cache",
      },
    ],
    [
      { TOLLGATE_LISTEN: "0.0.0.0:6000", TOLLGATE_WORKERS: "2", TOLLGATE_WORKER_ADDRESS: "10.0.0.7" },
      {
        listen: { kind: "tcp", host: "0.0.0.0", port: 6000 },
        workers: 2,
        workerHost: "10.0.0.7",
        warnings: ["REDIS_URL: is not set, and each worker counts limits and budgets for itself"],
      },
    ],
    [{ TOLLGATE_ADMIN: "[::1]:8080" }, { admin: { kind: "tcp", host: "::1", port: 8080 } }],
    [{ TOLLGATE_LOG_LEVEL: "debug" }, { logLevel: "debug" }],
    [
      { TOLLGATE_MAX_BODY_BYTES: "1048576", TOLLGATE_MAX_INFLIGHT: "1", TOLLGATE_DRAIN_SECONDS: "0" },
      { maxBodyBytes: 1_048_576, maxInFlight: 1, drainSeconds: 0 },
    ],
    [{ TOLLGATE_DATA_DIR: "/var/lib/tollgate/" }, { dataDir: "/var/lib/tollgate" }],
    [{ DATABASE_URL: "postgresql://u:p@db/llm" }, { databaseUrl: "postgresql://u:p@db/llm" }],
    [{ REDIS_URL: "rediss://u:p@cache:6380/1" }, { redisUrl: "rediss://u:p@cache:6380/1" }],
    [{ TOLLGATE_LEDGER: "off" }, { ledger: undefined }],
    [
      { TOLLGATE_ANOMALY_WEBHOOK: "https://hooks.example.com/T0/secret" },
      { anomalyWebhook: "https://hooks.example.com/T0/secret" },
    ],
    [
      {
        TOLLGATE_LEDGER_RETENTION: "forever",
        TOLLGATE_LEDGER_SPOOL_BYTES: "1048576",
        TOLLGATE_LEDGER_WHEN_FULL: "refuse",
      },
      { ledger: { retentionMs: undefined, maxSpoolBytes: 1_048_576, whenFull: "refuse" } },
    ],
    [{ TOLLGATE_REASONING_KEY: "0aF9".repeat(16) }, { reasoningKey: Buffer.from("0aF9".repeat(16), "hex") }],
    [{ TOLLGATE_REASONING_KEY: sealKey.toString("base64") }, { reasoningKey: sealKey }],
    [{ TOLLGATE_REASONING_KEY: sealKey.toString("base64url") }, { reasoningKey: sealKey }],
  ];

  it.each(cases)("reads %o", (env, changes) => {
    expect(readSettings(env)).toEqual({ ...defaults, ...changes });
  });

  it.each([
    [{ TOLLGATE_LISTEN: "50051" }, "TOLLGATE_LISTEN: must be host:port, [ipv6]:port or unix:/path"],
    [{ TOLLGATE_WORKERS: "two" }, "TOLLGATE_WORKERS: must be a whole number from 1 to 64"],
    [{ TOLLGATE_WORKERS: "0" }, "TOLLGATE_WORKERS: must be a whole number from 1 to 64"],
    [{ TOLLGATE_WORKERS: "1.5" }, "TOLLGATE_WORKERS: must be a whole number from 1 to 64"],
    [{ TOLLGATE_WORKERS: "0x2" }, "TOLLGATE_WORKERS: must be a whole number from 1 to 64"],
    [
      { TOLLGATE_MAX_BODY_BYTES: "64MiB" },
      "TOLLGATE_MAX_BODY_BYTES: must be a whole number from 1024 to 536870888",
    ],
    [{ TOLLGATE_MAX_INFLIGHT: "-1" }, "TOLLGATE_MAX_INFLIGHT: must be a whole number from 1 to 1000000"],
    [{ TOLLGATE_DRAIN_SECONDS: "99999" }, "TOLLGATE_DRAIN_SECONDS: must be a whole number from 0 to 3600"],
    [
      { TOLLGATE_LOG_LEVEL: "verbose" },
      "TOLLGATE_LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent",
    ],
    [
      { TOLLGATE_WORKER_ADDRESS: "host:1/x" },
      "TOLLGATE_WORKER_ADDRESS: must be a host name or IP address, without port",
    ],
    [{ DATABASE_URL: "mysql://u:secret@db/llm" }, "DATABASE_URL: must be a URL that begins with postgres://"],
    [{ DATABASE_URL: "postgres://u:sec ret@:x" }, "DATABASE_URL: must be a URL that begins with postgres://"],
    [
      { REDIS_URL: "http://:secret@cache" },
      "REDIS_URL: must begin with redis://, rediss://, redis-cluster://, rediss-cluster:// or redis-sentinel://…/name",
    ],
    [{ TOLLGATE_LEDGER: "yes" }, "TOLLGATE_LEDGER: must be on or off"],
    [
      { TOLLGATE_LEDGER_RETENTION: "0d" },
      "TOLLGATE_LEDGER_RETENTION: must be a number of days such as 400d, or forever",
    ],
    [
      { TOLLGATE_LEDGER_SPOOL_BYTES: "1024" },
      "TOLLGATE_LEDGER_SPOOL_BYTES: must be a whole number from 1048576",
    ],
    [{ TOLLGATE_LEDGER_WHEN_FULL: "crash" }, "TOLLGATE_LEDGER_WHEN_FULL: must be drop or refuse"],
    ...[
      "hooks.example.com/secret",
      "ftp://hooks.example.com/secret",
      "https://me:secret@hooks.example.com",
    ].map((url): [NodeJS.ProcessEnv, string] => [
      { TOLLGATE_ANOMALY_WEBHOOK: url },
      "TOLLGATE_ANOMALY_WEBHOOK: must be an http or https URL without a name and password in it",
    ]),
    [{ TOLLGATE_LISTENS: "x" }, 'TOLLGATE_LISTENS: no such setting (did you mean "TOLLGATE_LISTEN"?)'],
    [
      { TOLLGATE_MAX_BODY: "1" },
      'TOLLGATE_MAX_BODY: no such setting (did you mean "TOLLGATE_MAX_BODY_BYTES"?)',
    ],
    [
      { TOLLGATE_LISTEN: "127.0.0.1:65535", TOLLGATE_WORKERS: "2" },
      "TOLLGATE_WORKERS: worker 2 would listen on port 65536, and the highest is 65535",
    ],
    [
      { TOLLGATE_LISTEN: "127.0.0.1:9900", TOLLGATE_WORKERS: "3" },
      "TOLLGATE_ADMIN: port 9902 is one of those that the workers listen on",
    ],
    [
      { TOLLGATE_LISTEN: "unix:/s", TOLLGATE_ADMIN: "unix:/s" },
      "TOLLGATE_ADMIN: is the same socket as TOLLGATE_LISTEN",
    ],
  ])("refuses %o", (env, problem) => {
    expect(problems(env)).toEqual([problem]);
  });

  it("lists the names that there are when none is near", () => {
    expect(problems({ TOLLGATE_ZZZZZZZZZZZZZZZZZZ: "1" })[0]).toMatch(
      /known: TOLLGATE_LISTEN, .*TOLLGATE_REASONING_KEY/,
    );
  });

  it("lists every problem at once", () => {
    const env = {
      TOLLGATE_LISTEN: "x",
      TOLLGATE_WORKERS: "x",
      TOLLGATE_COLOUR: "blue",
      TOLLGATE_LOG_LEVEL: "x",
    };
    const found = problems(env);
    expect(found.map((line) => line.split(":")[0]).sort()).toEqual(Object.keys(env).sort());
    expect(() => readSettings(env)).toThrow(found.join("\n"));
  });

  it.each(["secret", "0".repeat(63), "0".repeat(65), "g".repeat(64), "A".repeat(42), "A".repeat(45)])(
    "refuses %s for a key, and does not repeat it",
    (text) => {
      const form = "TOLLGATE_REASONING_KEY: must be 64 hex digits, or base64 of 32 bytes";
      expect(problems({ TOLLGATE_REASONING_KEY: text })).toEqual([form]);
    },
  );

  it("warns of workers that each count for themselves", () => {
    const { warnings } = readSettings({ TOLLGATE_WORKERS: "2" });
    expect(warnings).toEqual(["REDIS_URL: is not set, and each worker counts limits and budgets for itself"]);
    expect(readSettings({ TOLLGATE_WORKERS: "2", REDIS_URL: "redis://cache" }).warnings).toEqual([]);
  });

  it("warns of an admin server open to others, and of workers that Envoy cannot reach", () => {
    const env = { TOLLGATE_LISTEN: "0.0.0.0:50051", TOLLGATE_ADMIN: "0.0.0.0:9902", TOLLGATE_WORKERS: "2" };
    expect(readSettings(env).warnings.map((line) => line.split(":")[0])).toEqual([
      "REDIS_URL",
      "TOLLGATE_ADMIN",
      "TOLLGATE_WORKER_ADDRESS",
    ]);
  });

  it("starts beside a Kubernetes Service of its own name", () => {
    const env = {
      TOLLGATE_SERVICE_HOST: "10.1.2.3",
      TOLLGATE_SERVICE_PORT: "50051",
      TOLLGATE_SERVICE_PORT_GRPC: "50051",
      TOLLGATE_PORT: "tcp://10.1.2.3:50051",
      TOLLGATE_PORT_50051_TCP: "tcp://10.1.2.3:50051",
      TOLLGATE_PORT_50051_TCP_PROTO: "tcp",
      TOLLGATE_PORT_50051_TCP_PORT: "50051",
      TOLLGATE_PORT_50051_TCP_ADDR: "10.1.2.3",
      TOLLGATE_ADMIN_SERVICE_HOST: "10.1.2.4",
      TOLLGATE_ADMIN_PORT: "tcp://10.1.2.4:9902",
    };
    expect(readSettings(env)).toEqual(defaults);
  });
});
