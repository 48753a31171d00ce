/** Health and metrics: what an orchestrator and a Prometheus ask for. */
import { json, text } from "./reply.ts";
import type { AdminPage } from "./router.ts";

/** `serving`: new exchanges are taken. Anything else answers 503 to readiness probes. */
export type Readiness = "starting" | "serving" | "draining";

export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** The process runs and its event loop turns. Not whether it can serve: a restart would not help there. */
export function healthPage(): AdminPage {
  return { method: "GET", path: "/healthz", handle: () => json(200, { status: "alive" }) };
}

export function readinessPage(readiness: () => Readiness): AdminPage {
  return {
    method: "GET",
    path: "/readyz",
    handle() {
      const status = readiness();
      return json(status === "serving" ? 200 : 503, { status });
    },
  };
}

export function metricsPage(metrics: MetricsText): AdminPage {
  return {
    method: "GET",
    path: "/metrics",
    handle: async () => text(200, metrics.contentType, await metrics.text()),
  };
}
