/** What people hear of anomalies: a line in the log, the metrics, and the webhook where there is one. */
import type { AnomalyMetrics } from "../telemetry/anomaly-metrics.ts";
import type { Log } from "../telemetry/log.ts";
import { type AnomalyLogFields, logMessages } from "../telemetry/names.ts";
import { turns } from "../telemetry/turns.ts";
import type { AnomalyEvent } from "./incident.ts";
import { type AnomalyPayload, payloadOf } from "./payload.ts";
import { Webhook } from "./webhook.ts";

export interface AnomalyOutlets {
  readonly log: Log;
  readonly metrics: AnomalyMetrics;
  /** Milliseconds. */
  readonly monotonicMs: () => number;
  /** A secret; undefined: there is none. */
  readonly webhookUrl: string | undefined;
}

export class AnomalyNews {
  readonly #outlets: AnomalyOutlets;
  readonly #webhook: Webhook | undefined;
  readonly #turns: (key: string) => number | undefined;

  constructor(outlets: AnomalyOutlets) {
    this.#outlets = outlets;
    this.#turns = turns(outlets.monotonicMs);
    const { metrics, webhookUrl: url } = outlets;
    this.#webhook =
      url === undefined
        ? undefined
        : new Webhook({
            url,
            delivered: () => metrics.webhook("delivered"),
            failed: (why) => this.#undelivered("failed", why),
            dropped: () => this.#undelivered("dropped", "too many wait"),
          });
  }

  tell(event: AnomalyEvent): void {
    const { log, metrics } = this.#outlets;
    const payload = payloadOf(event);
    metrics.told(payload.kind, payload.phase);
    if (payload.phase === "begin") log.warn(logFields(payload), logMessages.anomalyBegins);
    else log.info(logFields(payload), logMessages.anomalyEnds);
    this.#webhook?.send(payload);
  }

  crowded(): void {
    this.#outlets.metrics.crowded();
    this.#say("crowded", {}, logMessages.anomaliesCrowded);
  }

  /** @param why without what is in the file */
  unreadable(path: string, why: string): void {
    this.#outlets.log.error({ path, problem: why }, logMessages.baselinesUnreadable);
  }

  unwritten(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    this.#say("unwritten", { problem }, logMessages.baselinesUnwritten);
  }

  /** Hands over what waits, for a moment. */
  async close(): Promise<void> {
    await this.#webhook?.close();
  }

  #undelivered(result: "failed" | "dropped", why: string): void {
    this.#outlets.metrics.webhook(result);
    this.#say(`webhook ${why}`, { result, problem: why }, logMessages.anomalyWebhookFailed);
  }

  #say(key: string, fields: object, message: string): void {
    const held = this.#turns(key);
    if (held !== undefined) this.#outlets.log.error({ ...fields, held_back: held }, message);
  }
}

function logFields(payload: AnomalyPayload): AnomalyLogFields {
  const { id, kind, since, mode, subject, tenant, interval, unit, observed, expected, factor } = payload;
  return {
    ...{ anomaly_id: id, kind, since, mode, subject, tenant, interval, unit, observed, expected, factor },
    app: payload.app ?? undefined,
    user_hash: payload.user ?? undefined,
    department: payload.department ?? undefined,
    model: payload.model ?? undefined,
    brake_until: payload.brake_until ?? undefined,
  };
}
