/** What is said of anomalies in numbers: which, and whether people were told. Callers are in the log alone. */
import { Counter, Gauge, type Registry } from "prom-client";
import { metricNames } from "./names.ts";

export type WebhookResult = "delivered" | "failed" | "dropped";

export interface AnomalyMetrics {
  /** @param kind one of a few words */
  told(kind: string, phase: "begin" | "end"): void;
  /** Under way since an earlier process. */
  resumed(kind: string): void;
  /** An anomaly that is not told of, since too many are under way. */
  crowded(): void;
  braked(): void;
  webhook(result: WebhookResult): void;
}

export function createAnomalyMetrics(registers: Registry[]): AnomalyMetrics {
  const anomalies = new Counter({
    name: metricNames.anomalies,
    help: "Anomalies of callers that began and ended.",
    labelNames: ["kind", "phase"],
    registers,
  });
  const underWay = new Gauge({
    name: metricNames.anomaliesUnderWay,
    help: "Anomalies of callers under way.",
    labelNames: ["kind"],
    registers,
  });
  const untold = new Counter({
    name: metricNames.anomaliesUntold,
    help: "Exchanges beyond what is usual of which nobody was told, since too many anomalies are under way.",
    registers,
  });
  const braked = new Counter({
    name: metricNames.anomalyBraked,
    help: "Exchanges refused since an anomaly of their caller is braked.",
    registers,
  });
  const webhooks = new Counter({
    name: metricNames.anomalyWebhooks,
    help: "Messages to the webhook by what became of them.",
    labelNames: ["result"],
    registers,
  });
  return {
    told(kind, phase) {
      anomalies.inc({ kind, phase });
      if (phase === "begin") underWay.inc({ kind });
      else underWay.dec({ kind });
    },
    resumed: (kind) => underWay.inc({ kind }),
    crowded: () => untold.inc(),
    braked: () => braked.inc(),
    webhook: (result) => webhooks.inc({ result }),
  };
}
