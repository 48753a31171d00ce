/** Which environment variables are ours. */

/** Read by this version. */
export const knownNames = [
  "TOLLGATE_LISTEN",
  "TOLLGATE_ADMIN",
  "TOLLGATE_WORKERS",
  "TOLLGATE_WORKER_ADDRESS",
  "TOLLGATE_LOG_LEVEL",
  "TOLLGATE_MAX_BODY_BYTES",
  "TOLLGATE_MAX_INFLIGHT",
  "TOLLGATE_DRAIN_SECONDS",
  "TOLLGATE_DATA_DIR",
  "TOLLGATE_REASONING_KEY",
  "DATABASE_URL",
  "REDIS_URL",
  "TOLLGATE_LEDGER",
  "TOLLGATE_LEDGER_RETENTION",
  "TOLLGATE_LEDGER_SPOOL_BYTES",
  "TOLLGATE_LEDGER_WHEN_FULL",
  "TOLLGATE_ANOMALY_WEBHOOK",
] as const;

/**
 * What Kubernetes puts into every pod of a namespace that has a Service called `tollgate` or `tollgate-…`
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables): not settings, and
 * no reason to refuse to start.
 */
const serviceLink =
  /^TOLLGATE(?:_[A-Z0-9_]+)?_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Names that look like settings of ours and are none, in the order of the environment. */
export function unknownNames(env: NodeJS.ProcessEnv): string[] {
  const expected: ReadonlySet<string> = new Set(knownNames);
  return Object.keys(env).filter(
    (name) => name.startsWith("TOLLGATE_") && !expected.has(name) && !serviceLink.test(name),
  );
}
