/** OpenTelemetry's `error.type` of an exchange: a class of error of low cardinality. */
import type { ExchangeRecord } from "./record.ts";

/** Undefined when the exchange ended well. See https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/. */
export function errorType(exchange: ExchangeRecord): string | undefined {
  const { outcome, status } = exchange;
  switch (outcome) {
    case "cancelled":
    case "failed":
    case "local-reply":
      return outcome;
    case "refused":
    case "finished":
    case "passed-through":
      if (status < 400) return undefined;
      // The others by class: histograms have many lines per value, and `tollgate_exchanges_total` has the status.
      if (status === 429) return "429";
      return status < 500 ? "4xx" : "5xx";
    default: {
      const never: never = outcome;
      return never;
    }
  }
}
