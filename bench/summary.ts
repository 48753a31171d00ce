/** Measurements become the figures of the report: medians over rounds, ratios, quantiles. */
import { type LatencySample, quantile } from "./latency.ts";
import type { Measured, Measurement } from "./rounds.ts";
import type { Row } from "./rows.ts";
import type { Variant, VariantName } from "./variant.ts";

export interface Figures {
  readonly variant: VariantName;
  readonly requests: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  /** CPU milliseconds per exchange; medians, each of its own column. */
  readonly envoyMs: number;
  readonly tollgateMs: number;
  readonly sumMs: number;
  /** Half the distance between the least and the greatest sum, as a share of the median. */
  readonly spread: number;
  /** Of the sums; undefined where there is nothing to compare with. */
  readonly toPlain: number | undefined;
  readonly toBaseline: number | undefined;
  readonly rounds: readonly Measurement[];
}

export interface RowFigures {
  readonly id: string;
  readonly title: string;
  readonly connections: number;
  readonly figures: readonly Figures[];
}

export interface LatencyFigures {
  readonly variant: VariantName;
  readonly requests: number;
  readonly errors: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export function summarise(row: Row, measured: Measured): RowFigures {
  const sums = new Map([...measured].map(([variant, rounds]) => [variant.name, median(rounds.map(sumOf))]));
  return {
    id: row.id,
    title: row.title,
    connections: row.connections,
    figures: [...measured].map(([variant, rounds]) => figuresOf(variant, rounds, sums)),
  };
}

function figuresOf(
  variant: Variant,
  rounds: readonly Measurement[],
  sums: ReadonlyMap<VariantName, number>,
): Figures {
  const totals = rounds.map(sumOf);
  const sumMs = median(totals);
  const to = (name: VariantName): number | undefined => {
    const other = sums.get(name);
    return other === undefined ? undefined : sumMs / other;
  };
  return {
    variant: variant.name,
    requests: rounds.reduce((count, { requests }) => count + requests, 0),
    errors: rounds.reduce((count, { errors }) => count + errors, 0),
    firstError: rounds.find(({ firstError }) => firstError !== undefined)?.firstError,
    envoyMs: median(rounds.map(({ envoyMs }) => envoyMs)),
    tollgateMs: median(rounds.map(({ tollgateMs }) => tollgateMs)),
    sumMs,
    spread: (Math.max(...totals) - Math.min(...totals)) / 2 / sumMs,
    toPlain: to("plain Envoy"),
    toBaseline: to("baseline"),
    rounds,
  };
}

export function summariseLatency(samples: ReadonlyMap<Variant, LatencySample>): readonly LatencyFigures[] {
  return [...samples].map(([variant, { waits, errors }]) => ({
    variant: variant.name,
    requests: waits.length,
    errors,
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
  }));
}

const sumOf = ({ envoyMs, tollgateMs }: Measurement): number => envoyMs + tollgateMs;

function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = ordered.length / 2;
  const [low, high] = [ordered[Math.ceil(middle) - 1], ordered[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
