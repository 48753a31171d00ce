/**
 * Prometheus metrics, on a registry of their own. Recording one exchange takes about ten microseconds, most of
 * it prom-client's hashing of labels.
 *
 * All values are floating-point numbers, as Prometheus has no others. `tollgate_cost_nano_usd_total` counts
 * integers, and stays exact while a series is below 2^53 nano-dollars: nine million dollars per process.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Units } from "../conversation/usage.ts";
import { type AnomalyMetrics, createAnomalyMetrics } from "./anomaly-metrics.ts";
import { BoundedNames } from "./bounded-names.ts";
import { type CountersMetrics, type CountersState, createCountersMetrics } from "./counters-metrics.ts";
import { errorType } from "./error-type.ts";
import {
  ExchangeLabelBook,
  type ExchangeLabels,
  type Labels,
  type ModelLabels,
  type TokenKind,
} from "./exchange-labels.ts";
import { createLedgerMetrics, type LedgerMetrics } from "./ledger-metrics.ts";
import { generalPath } from "./loss-path.ts";
import { buckets, metricNames, noValue } from "./names.ts";
import type { ExchangeRecord, Recorder } from "./record.ts";
import { isSpending, isUnpriced } from "./spending.ts";

export interface MetricsOptions {
  /** Exchanges open right now; asked at each scrape. */
  readonly inFlight: () => number;
  /** Of limits and budgets; up, and nothing waiting, unless given. */
  readonly counters?: CountersState;
  /** Event loop lag, memory, garbage collection, CPU of this process. On unless said otherwise. */
  readonly processMetrics?: boolean;
}

export interface Metrics extends Recorder {
  readonly ledger: LedgerMetrics;
  readonly counters: CountersMetrics;
  readonly anomalies: AnomalyMetrics;
  misconfigured(): void;
  /** @param outcome one of a few words, not text from outside */
  mediaFetched(outcome: string, bytes: number): void;
  /** @param where a place in our code, not text from outside */
  defect(where: string): void;
  /** MIME type of `text`. */
  readonly contentType: string;
  /** The exposition (https://prometheus.io/docs/instrumenting/exposition_formats/). */
  text(): Promise<string>;
  /** The same as data, for a process that adds up several workers' metrics (`aggregateText`). */
  snapshot(): Promise<readonly unknown[]>;
}

const MAX_LOSS_PATHS = 200;
const MAX_DEFECT_PLACES = 100;
const genAiLabels = [
  "gen_ai_operation_name",
  "gen_ai_provider_name",
  "gen_ai_request_model",
  "gen_ai_response_model",
] as const;
const spendLabels = ["route", "provider", "model"] as const;
const endingLabels = ["outcome", "status", "client_dialect", "target_dialect"] as const;

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: readonly string[], bounds: readonly number[]) =>
    new Histogram({ name, help, labelNames, buckets: [...bounds], registers });

  const usage = histogram(
    metricNames.tokenUsage,
    "Tokens of one exchange. Input includes cached tokens, output includes reasoning.",
    [...genAiLabels, "gen_ai_token_type"],
    buckets.tokens,
  );
  const duration = histogram(
    metricNames.requestDuration,
    "Seconds from the request's headers to the answer's last byte.",
    [...genAiLabels, "error_type"],
    buckets.requestSeconds,
  );
  const firstToken = histogram(
    metricNames.timeToFirstToken,
    "Seconds from the request's end to the first byte of content.",
    genAiLabels,
    buckets.firstTokenSeconds,
  );
  const exchanges = counter(metricNames.exchanges, "Exchanges that ended.", [
    ...spendLabels,
    ...endingLabels,
  ]);
  const tokens = counter(
    metricNames.tokens,
    "Tokens by kind. Kinds overlap: cached and written tokens are input, reasoning is output.",
    [...spendLabels, "kind"],
  );
  const units = counter(
    metricNames.units,
    "What some models are paid by instead of tokens: images, milliseconds of audio, searches.",
    [...spendLabels, "unit"],
  );
  const cost = counter(
    metricNames.cost,
    "What providers are owed in nano-dollars, as far as prices are known.",
    spendLabels,
  );
  const charged = counter(
    metricNames.charged,
    "What callers are charged in nano-dollars: the cost with the policy's margin.",
    spendLabels,
  );
  const unpriced = counter(
    metricNames.unpriced,
    "Exchanges that were answered, or took something, at a cost that is not known.",
    spendLabels,
  );
  const estimated = counter(metricNames.estimated, "Exchanges whose usage is our estimate.", spendLabels);
  const losses = counter(metricNames.losses, "Request or answer fields that a translation could not carry.", [
    "path",
    "how",
    "client_dialect",
    "target_dialect",
  ]);
  const retries = counter(metricNames.retries, "Attempts beyond the first.", ["route", "provider"]);
  const mediaFetches = counter(metricNames.mediaFetches, "Files fetched for targets that take only bytes.", [
    "outcome",
  ]);
  const mediaBytes = counter(metricNames.mediaBytes, "Bytes read of such files.", ["outcome"]);
  const misconfigurations = counter(metricNames.misconfigurations, "Exchanges that met a bad route.", []);
  const defects = counter(metricNames.defects, "Exceptions that should not have been.", ["where"]);
  new Gauge({
    name: metricNames.inFlight,
    help: "Exchanges open now.",
    registers,
    collect() {
      this.set(options.inFlight());
    },
  });
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });

  const counters = createCountersMetrics(
    registers,
    options.counters ?? { isUp: () => true, backlog: () => 0 },
  );
  const book = new ExchangeLabelBook();
  const lossPaths = new BoundedNames(MAX_LOSS_PATHS);
  const defectPlaces = new BoundedNames(MAX_DEFECT_PLACES);

  function countTokens(labels: ExchangeLabels, kind: TokenKind, count: number): void {
    const counted = countable(count);
    if (counted > 0) tokens.inc(labels.tokens[kind], counted);
  }

  function countUnits({ spend }: ExchangeLabels, { images, audioMs, searches }: Units): void {
    for (const [unit, count] of Object.entries({ image: images, audio_ms: audioMs, search: searches })) {
      const counted = countable(count ?? 0);
      if (counted > 0) units.inc({ ...spend, unit }, counted);
    }
  }

  function recordTokens(
    exchange: ExchangeRecord,
    labels: ExchangeLabels,
    inputs: Labels,
    outputs: Labels,
  ): void {
    const used = exchange.usage;
    const input = countable(used.input);
    const output = countable(used.output);
    if (input === 0 && output === 0) return;
    usage.observe(inputs, input);
    usage.observe(outputs, output);
    countTokens(labels, "input", used.input);
    countTokens(labels, "output", used.output);
    countTokens(labels, "cache_read", used.cacheRead);
    countTokens(labels, "cache_write", used.cacheWrite);
    countTokens(labels, "reasoning", used.reasoning);
    countTokens(labels, "audio_input", used.audioInput);
    countTokens(labels, "audio_output", used.audioOutput);
    if (used.estimated) estimated.inc(labels.spend);
  }

  function recordSpending(exchange: ExchangeRecord, labels: ExchangeLabels, models: ModelLabels): void {
    const { units: counted } = exchange.usage;
    recordTokens(exchange, labels, models.inputUsage, models.outputUsage);
    if (counted !== undefined) countUnits(labels, counted);
    if (!isSpending(exchange)) return;
    if (isUnpriced(exchange)) unpriced.inc(labels.spend);
    if (exchange.costSource === "unknown") return;
    cost.inc(labels.spend, exchange.costNanoUsd);
    charged.inc(labels.spend, exchange.chargedNanoUsd);
  }

  return {
    ledger: createLedgerMetrics(registers),
    counters,
    anomalies: createAnomalyMetrics(registers),
    contentType: registry.contentType,
    snapshot: () => registry.getMetricsAsJSON(),
    async text() {
      const parts: string[] = [];
      for (const metric of registry.getMetricsAsArray()) {
        parts.push(await registry.getSingleMetricAsString(metric.name));
        await nextTurn(); // thousands of series take milliseconds; exchanges come between
      }
      return `${parts.join("\n\n")}\n`;
    },
    misconfigured: () => misconfigurations.inc(),
    mediaFetched(outcome, bytes) {
      mediaFetches.inc({ outcome });
      mediaBytes.inc({ outcome }, bytes);
    },
    defect: (where) => defects.inc({ where: defectPlaces.value(where) }),

    record(exchange) {
      const models = book.models(exchange);
      const labels = book.exchange(exchange, models);
      exchanges.inc(labels.exchange);
      for (const ruled of exchange.rulings) counters.ruled(ruled);
      if (exchange.attempts > 1) retries.inc(labels.retries, exchange.attempts - 1);
      for (const loss of exchange.losses) {
        losses.inc({
          path: lossPaths.value(generalPath(loss.path)),
          how: loss.how,
          client_dialect: exchange.clientDialect ?? noValue,
          target_dialect: exchange.targetDialect ?? noValue,
        });
      }
      // Without a provider no model operation took place.
      if (exchange.provider === undefined) return;
      const error = errorType(exchange);
      const seconds = exchange.durationMs / 1_000;
      duration.observe(error === undefined ? models.genAi : { ...models.genAi, error_type: error }, seconds);
      if (error === undefined && exchange.timeToFirstTokenMs !== undefined) {
        firstToken.observe(models.genAi, exchange.timeToFirstTokenMs / 1_000);
      }
      recordSpending(exchange, labels, models);
    },
  };
}

/** prom-client throws at what is no number, and JSON can hold 1e999: one bad count must not lose the rest. */
function countable(count: number): number {
  return Number.isFinite(count) && count > 0 ? count : 0;
}
