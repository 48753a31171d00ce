/** A connection to Redis that never makes an exchange wait for long, and never gives up. */
import { Cluster, Redis } from "ioredis";
import { parseRedisAddress, type RedisAddress } from "./address.ts";

export interface RedisConnectionOptions {
  /** See `parseRedisAddress`. */
  readonly url: string;
  /** Told of every failed connection; they repeat until one succeeds. Texts hold no password. */
  readonly onTrouble: (error: Error) => void;
  /** How long a command may take. */
  readonly commandTimeoutMs?: number;
}

const defaultCommandTimeoutMs = 100;
const connectTimeoutMs = 1_000;
const longestPauseMs = 2_000;
/** A connection on which nothing comes back is given up, commands that timed out on it included. */
const silenceMs = 2_000;

/**
 * Connects at once and in the background. `disconnect()` ends it.
 *
 * @throws Error for an address that is none
 */
export function connectRedis({ url, onTrouble, commandTimeoutMs }: RedisConnectionOptions): Redis | Cluster {
  const address = parseRedisAddress(url);
  if (typeof address === "string") throw new Error(`the address of Redis ${address}`);
  const redis = connect(address, impatient(commandTimeoutMs ?? defaultCommandTimeoutMs));
  redis.on("error", onTrouble);
  return redis;
}

function connect(address: RedisAddress, patience: ReturnType<typeof impatient>): Redis | Cluster {
  const { username, password, tls } = address;
  const settings = {
    ...patience,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
  switch (address.kind) {
    case "single":
      return new Redis({ ...settings, ...address.nodes[0], db: address.database });
    case "sentinel": {
      const sentinels = [...address.nodes];
      // Told by the sentinels of a new primary, also when the old one goes on to answer.
      return new Redis({ ...settings, sentinels, name: address.primary, failoverDetector: true });
    }
    case "cluster":
      return new Cluster([...address.nodes], {
        enableOfflineQueue: false,
        clusterRetryStrategy: pauseMs,
        slotsRefreshTimeout: connectTimeoutMs,
        redisOptions: settings,
      });
  }
}

function impatient(commandTimeoutMs: number) {
  return {
    // What cannot be sent now fails now: nothing queues up behind a dead connection, nothing is sent twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    socketTimeout: silenceMs,
    retryStrategy: pauseMs,
    // After a failover the old primary is a replica: its name may mean the new one by now.
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
    disableClientInfo: true,
    connectionName: "tollgate",
    protocol: 2 as const,
  };
}

function pauseMs(attempt: number): number {
  return Math.min(longestPauseMs, 50 * 2 ** Math.min(attempt, 6));
}
