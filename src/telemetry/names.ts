/**
 * Every name that dashboards, alerts and log queries depend on. Changing one breaks somebody: say so in the
 * changelog.
 *
 * `gen_ai_*` are OpenTelemetry's names (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/) in
 * Prometheus form: dots become underscores, seconds are appended, the unit `{token}` is dropped
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/). We stand where the model
 * server stands for the application, hence `gen_ai.server.*` for times.
 */

export const metricNames = Object.freeze({
  tokenUsage: "gen_ai_client_token_usage",
  requestDuration: "gen_ai_server_request_duration_seconds",
  timeToFirstToken: "gen_ai_server_time_to_first_token_seconds",
  exchanges: "tollgate_exchanges_total",
  tokens: "tollgate_tokens_total",
  units: "tollgate_units_total",
  cost: "tollgate_cost_nano_usd_total",
  charged: "tollgate_charged_nano_usd_total",
  unpriced: "tollgate_unpriced_exchanges_total",
  estimated: "tollgate_estimated_exchanges_total",
  losses: "tollgate_losses_total",
  retries: "tollgate_retries_total",
  inFlight: "tollgate_inflight_exchanges",
  rulings: "tollgate_rulings_total",
  countersUp: "tollgate_counters_up",
  countersBacklog: "tollgate_counters_backlog",
  countersDropped: "tollgate_counters_dropped_total",
  mediaFetches: "tollgate_media_fetches_total",
  mediaBytes: "tollgate_media_fetched_bytes_total",
  misconfigurations: "tollgate_misconfigurations_total",
  defects: "tollgate_defects_total",
  ledgerRows: "tollgate_ledger_rows_total",
  ledgerLost: "tollgate_ledger_lost_rows_total",
  ledgerLostCharge: "tollgate_ledger_lost_nano_usd_total",
  ledgerFailures: "tollgate_ledger_failures_total",
  ledgerBacklogBytes: "tollgate_ledger_backlog_bytes",
  ledgerBacklogSeconds: "tollgate_ledger_backlog_seconds",
  ledgerUncleanEnds: "tollgate_ledger_unclean_ends_total",
  anomalies: "tollgate_anomalies_total",
  anomaliesUnderWay: "tollgate_anomalies_under_way",
  anomaliesUntold: "tollgate_anomalies_untold_total",
  anomalyBraked: "tollgate_anomaly_braked_exchanges_total",
  anomalyWebhooks: "tollgate_anomaly_webhooks_total",
});

/** Buckets that the semantic conventions recommend. */
export const buckets = Object.freeze({
  tokens: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
  requestSeconds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  firstTokenSeconds: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
});

/** What a label says when there are more distinct values than it may have. */
export const otherValue = "other";
/** What a label says when there is nothing to say. */
export const noValue = "none";

/** `gen_ai.provider.name` for providers of ours that OpenTelemetry knows under another name. */
const conventionalProviders: ReadonlyMap<string, string> = new Map([
  ["azure-openai", "azure.ai.openai"],
  ["azure-openai-responses", "azure.ai.openai"],
  ["bedrock", "aws.bedrock"],
  ["google", "gcp.gemini"],
  ["mistral", "mistral_ai"],
  ["vertex", "gcp.vertex_ai"],
  ["vertex-anthropic", "gcp.vertex_ai"],
  ["xai", "x_ai"],
]);

export function conventionalProvider(provider: string): string {
  return conventionalProviders.get(provider) ?? provider;
}

/**
 * `gen_ai.operation.name` of an operation; ours where OpenTelemetry has no word for it. A call that passed through is
 * taken for the usual one.
 */
export function conventionalOperation(operation: string | undefined): string {
  switch (operation) {
    case undefined:
    case "generate":
      return "chat";
    case "embed":
      return "embeddings";
    default:
      return operation;
  }
}

/** Messages of the log lines that we write ourselves. */
export const logMessages = Object.freeze({
  exchange: "exchange",
  misconfigured: "misconfigured route",
  defect: "defect",
  countersDown: "shared counters out of reach, counting alone",
  countersUp: "shared counters reached again",
  countersDropped: "settlements lost to the shared counters",
  ledgerFailed: "ledger not written",
  ledgerRecovered: "ledger written again",
  ledgerLost: "ledger rows lost",
  ledgerRejected: "ledger rows rejected",
  ledgerTakenOver: "ledger rows taken over",
  ledgerUncleanEnd: "a process ended without closing its ledger",
  ledgerLeft: "ledger rows left for the next start",
  anomalyBegins: "anomaly begins",
  anomalyEnds: "anomaly ends",
  anomaliesCrowded: "anomalies not told of: too many under way",
  anomalyWebhookFailed: "anomaly webhook not delivered",
  baselinesUnreadable: "anomaly baselines unreadable, set aside",
  baselinesUnwritten: "anomaly baselines not written",
});

/** Fields of the line that every exchange leaves. Counts are tokens; undefined fields are left out. */
export interface ExchangeLogFields {
  readonly exchange_id: string;
  readonly route: string;
  readonly tenant: string | undefined;
  readonly app: string | undefined;
  readonly department: string | undefined;
  readonly plan: string | undefined;
  /** Of a virtual key; not the key. */
  readonly key_id: string | undefined;
  /** A pseudonym: users are people. */
  readonly user_hash: string | undefined;
  readonly outcome: string;
  /** As the client saw it; 0 when it saw none. */
  readonly status: number;
  readonly reason: string;
  readonly operation: string | undefined;
  readonly client_dialect: string | undefined;
  readonly target_dialect: string | undefined;
  readonly provider: string | undefined;
  readonly cluster: string | undefined;
  readonly model_asked: string | undefined;
  readonly model_served: string | undefined;
  readonly stream: boolean;
  readonly attempts: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly reasoning_tokens: number;
  /** What some models are paid by instead of tokens. */
  readonly images: number | undefined;
  readonly audio_ms: number | undefined;
  readonly searches: number | undefined;
  readonly tokens_estimated: boolean;
  readonly cost_nano_usd: number;
  readonly charged_nano_usd: number;
  readonly cost_source: string;
  /** What limits and budgets said beside yes, e.g. `would_refuse per-user`. */
  readonly rulings: readonly string[] | undefined;
  /** What was lost in translation, e.g. `dropped logit_bias`; indices are left out, the first 16 are shown. */
  readonly losses: readonly string[] | undefined;
  readonly duration_ms: number;
  readonly first_token_ms: number | undefined;
}

/** Fields of the lines with which an anomaly begins and ends; undefined ones are left out. */
export interface AnomalyLogFields {
  /** The same in both lines. */
  readonly anomaly_id: string;
  readonly kind: string;
  /** ISO 8601. */
  readonly since: string;
  readonly mode: string;
  readonly subject: string;
  readonly tenant: string;
  readonly app: string | undefined;
  /** A pseudonym, as in the line of an exchange. */
  readonly user_hash: string | undefined;
  readonly department: string | undefined;
  readonly interval: string;
  /** Of `observed` and `expected`. */
  readonly unit: string;
  readonly observed: number;
  readonly expected: number;
  readonly factor: number;
  readonly model: string | undefined;
  readonly brake_until: string | undefined;
}
