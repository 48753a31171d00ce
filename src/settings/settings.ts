/** The runtime settings: everything that is not policy. Read once, from the environment, by `main.ts`. */
import { z } from "zod";
import { suggestion } from "../policy/suggestion.ts";
import { parseRedisAddress } from "../stores/redis/address.ts";
import { type LogLevel, logLevels } from "../telemetry/log.ts";
import { isLocal, isWildcard, type ListenAddress, parseAddress } from "./address.ts";
import { knownNames, unknownNames } from "./environment.ts";
import { keyForm, parseKey } from "./key-text.ts";
import { type Storage, storageNames, storageOf, storageShape } from "./storage.ts";

export interface Settings extends Storage {
  /** `TOLLGATE_LISTEN`: ext_proc gRPC of the first worker; see `workerListen` for the others. */
  readonly listen: ListenAddress;
  /** `TOLLGATE_ADMIN`: HTTP for health, metrics and, later, the admin API. */
  readonly admin: ListenAddress;
  /** `TOLLGATE_WORKERS`: processes. */
  readonly workers: number;
  /** `TOLLGATE_WORKER_ADDRESS`: the host by which Envoy reaches the workers; undefined on a Unix socket. */
  readonly workerHost: string | undefined;
  /** `TOLLGATE_LOG_LEVEL`. */
  readonly logLevel: LogLevel;
  /** `TOLLGATE_MAX_BODY_BYTES`: largest request body, and largest answer that is held as a whole. */
  readonly maxBodyBytes: number;
  /** `TOLLGATE_MAX_INFLIGHT`: exchanges open at once, per worker. */
  readonly maxInFlight: number;
  /** `TOLLGATE_DRAIN_SECONDS`: how long open exchanges may take to finish after SIGTERM. */
  readonly drainSeconds: number;
  /** `TOLLGATE_REASONING_KEY`: of the seals over reasoning; unset: a file in the data directory. A secret. */
  readonly reasoningKey: Uint8Array | undefined;
  /** `REDIS_URL`: where gateways share counters; unset: each process has its own. May hold a password. */
  readonly redisUrl: string | undefined;
  /** `TOLLGATE_ANOMALY_WEBHOOK`: where anomalies are told of; undefined: nowhere. A secret. */
  readonly anomalyWebhook: string | undefined;
  /** Sentences for the log: what is set and has no effect, or is likely a mistake. */
  readonly warnings: readonly string[];
}

/** Settings that cannot be used. The message has one line per problem, each beginning with the variable's name. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "SettingsError";
    this.problems = problems;
  }
}

const MIB = 1_048_576;
/** A body is one string in V8, whose longest is 2^29 − 24 characters. */
const MAX_BODY_BYTES = 512 * MIB - 24;
const MAX_WORKERS = 64;
const hostName = /^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+)$/;

function address(fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, context): ListenAddress => {
      const parsed = parseAddress(text);
      if (typeof parsed !== "string") return parsed;
      context.addIssue({ code: "custom", message: parsed });
      return z.NEVER;
    });
}

function whole(fallback: number, min: number, max: number) {
  const range = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, range)
    .transform(Number)
    .refine((value) => value >= min && value <= max, range)
    .default(fallback);
}

const key = z.string().transform((text, context): Uint8Array => {
  const parsed = parseKey(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: `must be ${keyForm}` });
  return z.NEVER;
});

// The value may hold a password: no message repeats it.
const redisUrl = z.string().superRefine((text, context) => {
  const parsed = parseRedisAddress(text);
  if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed });
});
// It may hold a secret: no message repeats it.
const webhook = z.string().refine(isWebUrl, "must be an http or https URL without a name and password in it");

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

const schema = z.object({
  TOLLGATE_LISTEN: address("127.0.0.1:50051"),
  TOLLGATE_ADMIN: address("127.0.0.1:9902"),
  TOLLGATE_WORKERS: whole(1, 1, MAX_WORKERS),
  TOLLGATE_WORKER_ADDRESS: z
    .string()
    .regex(hostName, "must be a host name or IP address, without port")
    .optional(),
  TOLLGATE_LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
  TOLLGATE_MAX_BODY_BYTES: whole(64 * MIB, 1_024, MAX_BODY_BYTES),
  TOLLGATE_MAX_INFLIGHT: whole(10_000, 1, 1_000_000),
  TOLLGATE_DRAIN_SECONDS: whole(30, 0, 3_600),
  TOLLGATE_REASONING_KEY: key.optional(),
  REDIS_URL: redisUrl.optional(),
  TOLLGATE_ANOMALY_WEBHOOK: webhook.optional(),
  ...storageShape,
});
type Values = z.infer<typeof schema>;

/**
 * Reads and checks the settings. An empty variable counts as unset, as in `docker compose`.
 *
 * @throws SettingsError with every problem at once
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems = unknownNames(env).map((name) => `${name}: no such setting${hint(name)}`);
  const parsed = schema.safeParse(given(env, knownNames));
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
    throw new SettingsError(problems);
  }
  problems.push(...conflicts(parsed.data));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings(parsed.data);
}

/**
 * Where things are kept, for commands: they need no other setting to be right.
 *
 * @throws SettingsError
 */
export function readStorage(env: NodeJS.ProcessEnv): Storage {
  const parsed = schema.safeParse(given(env, storageNames));
  if (parsed.success) return storageOf(parsed.data);
  throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
}

function given(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name]?.trim();
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/** The nearest name; else those that go on where the written one ends, or the other way round; else all. */
function hint(written: string): string {
  const near = suggestion(written, knownNames);
  if (near !== "") return near;
  const related = knownNames.filter((name) => name.startsWith(written) || written.startsWith(name));
  return related.length > 0
    ? ` (did you mean "${related.join('" or "')}"?)`
    : ` (known: ${knownNames.join(", ")})`;
}

/** What is right by itself and wrong together. */
function conflicts(values: Values): string[] {
  const { TOLLGATE_LISTEN: listen, TOLLGATE_ADMIN: admin, TOLLGATE_WORKERS: workers } = values;
  if (listen.kind === "unix" && admin.kind === "unix") {
    return listen.path === admin.path ? ["TOLLGATE_ADMIN: is the same socket as TOLLGATE_LISTEN"] : [];
  }
  if (listen.kind === "unix" || listen.port === 0) return [];
  const last = listen.port + workers - 1;
  if (last > 65_535) {
    return [`TOLLGATE_WORKERS: worker ${workers} would listen on port ${last}, and the highest is 65535`];
  }
  if (admin.kind === "tcp" && admin.port >= listen.port && admin.port <= last) {
    return [`TOLLGATE_ADMIN: port ${admin.port} is one of those that the workers listen on`];
  }
  return [];
}

function settings(values: Values): Settings {
  const listen = values.TOLLGATE_LISTEN;
  const workerHost = values.TOLLGATE_WORKER_ADDRESS ?? (listen.kind === "tcp" ? listen.host : undefined);
  return {
    listen,
    admin: values.TOLLGATE_ADMIN,
    workers: values.TOLLGATE_WORKERS,
    workerHost,
    logLevel: values.TOLLGATE_LOG_LEVEL,
    maxBodyBytes: values.TOLLGATE_MAX_BODY_BYTES,
    maxInFlight: values.TOLLGATE_MAX_INFLIGHT,
    drainSeconds: values.TOLLGATE_DRAIN_SECONDS,
    reasoningKey: values.TOLLGATE_REASONING_KEY,
    redisUrl: values.REDIS_URL,
    anomalyWebhook: values.TOLLGATE_ANOMALY_WEBHOOK,
    ...storageOf(values),
    warnings: warnings(values),
  };
}

function warnings(values: Values): string[] {
  const found: string[] = [];
  if (values.TOLLGATE_WORKERS > 1 && values.REDIS_URL === undefined) {
    found.push("REDIS_URL: is not set, and each worker counts limits and budgets for itself");
  }
  if (!isLocal(values.TOLLGATE_ADMIN)) {
    found.push("TOLLGATE_ADMIN: is reachable from other machines; it asks for no password");
  }
  if (values.TOLLGATE_WORKERS > 1 && values.TOLLGATE_WORKER_ADDRESS === undefined) {
    if (isWildcard(values.TOLLGATE_LISTEN)) {
      found.push(
        "TOLLGATE_WORKER_ADDRESS: is not set, and Envoy cannot reach a worker by the address listened on",
      );
    }
  }
  return found;
}
