/** A connection to Redis that never makes an exchange wait for long, and never gives up. */
import { Cluster, Redis } from "ioredis";

export interface RedisConnectionOptions {
  /** `redis://`, `rediss://` for TLS, `redis-cluster://host:port,host:port` or `rediss-cluster://`. */
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

/** Connects at once and in the background. `disconnect()` ends it. */
export function connectRedis({ url, onTrouble, commandTimeoutMs }: RedisConnectionOptions): Redis | Cluster {
  const settings = impatient(commandTimeoutMs ?? defaultCommandTimeoutMs);
  const redis = url.includes("-cluster:") ? cluster(url, settings) : new Redis(url, settings);
  redis.on("error", onTrouble);
  return redis;
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

/** Credentials of the first address are everybody's. */
function cluster(url: string, settings: ReturnType<typeof impatient>): Cluster {
  const [scheme = "", rest = ""] = url.split("://");
  const [first = "", ...others] = rest.split(",");
  const { hostname, port, username, password } = new URL(`redis://${first}`);
  const nodes = [{ host: hostname, port: portOf(port) }];
  for (const other of others) {
    const address = new URL(`redis://${other}`);
    nodes.push({ host: address.hostname, port: portOf(address.port) });
  }
  return new Cluster(nodes, {
    enableOfflineQueue: false,
    clusterRetryStrategy: pauseMs,
    slotsRefreshTimeout: connectTimeoutMs,
    redisOptions: {
      ...settings,
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...(scheme.startsWith("rediss") ? { tls: {} } : {}),
    },
  });
}

function portOf(text: string): number {
  return text === "" ? 6379 : Number(text);
}

function pauseMs(attempt: number): number {
  return Math.min(longestPauseMs, 50 * 2 ** Math.min(attempt, 6));
}
