/** The one place where an exchange is closed: usage becomes cost, and the record goes out, exactly once. */
import type { Units, Usage } from "../conversation/usage.ts";
import { noUsage } from "../conversation/usage.ts";
import type { JsonObject } from "../json/types.ts";
import type { ExchangeRecord, Outcome } from "../telemetry/record.ts";
import { type Cost, noCost } from "../tokens/pricing.ts";
import type { Exchange, Unanswered } from "./exchange.ts";
import type { Services } from "./services.ts";
import { shownCaller } from "./shown-caller.ts";

/** What the answer told of itself so far. */
export interface Metered {
  readonly usage: Usage;
  /** The provider has answered with success, be it not to the end: what it takes per call is due. */
  readonly answered: boolean;
  /** The model that the provider says it used. */
  readonly modelServed: string | undefined;
  readonly timeToFirstTokenMs: number | undefined;
}

export const nothingMetered: Metered = {
  usage: noUsage,
  answered: false,
  modelServed: undefined,
  timeToFirstTokenMs: undefined,
};

/** What an exchange came to; known before it is settled, so that the answer can carry it. */
export interface Bill {
  readonly metered: Metered;
  readonly cost: Cost;
}

export class Settlement {
  readonly #services: Services;
  readonly #exchange: Exchange;
  readonly #startedMs: number;
  readonly #hooks: Array<(record: ExchangeRecord) => void> = [];
  #settled = false;

  constructor(services: Services, exchange: Exchange) {
    this.#services = services;
    this.#exchange = exchange;
    this.#startedMs = services.monotonicMs();
  }

  /** Runs when the exchange is settled, whatever happened to it. */
  onSettled(hook: (record: ExchangeRecord) => void): void {
    this.#hooks.push(hook);
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  bill(metered: Metered): Bill {
    const attempt = this.#exchange.attempt;
    if (attempt === undefined) return { metered, cost: noCost };
    const { usage, modelServed, answered } = metered;
    const terms =
      this.#exchange.policy.price(attempt.model) ??
      (modelServed === undefined ? undefined : this.#exchange.policy.price(modelServed));
    const query = { providerId: attempt.provider.priceId, terms, answered };
    const cost = this.#services.pricing.cost({ ...query, model: modelServed ?? attempt.model }, usage);
    if (cost.source !== "unknown" || modelServed === undefined) return { metered, cost };
    // Providers name dated snapshots in answers that price lists may not know yet.
    return { metered, cost: this.#services.pricing.cost({ ...query, model: attempt.model }, usage) };
  }

  /** Closes the exchange. Later calls do nothing: the first outcome stands. */
  settle(outcome: Outcome, status: number, reason: string, bill: Bill): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#services.inFlight.remove(this.#exchange);
    this.#exchange.forgetRequest();
    const record = this.#record(outcome, status, reason, bill);
    for (const hook of this.#hooks) this.#guarded(() => hook(record));
    this.#guarded(() => this.#services.recorder.record(record));
  }

  /** One hook's failure must not keep another from its settlement. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#services.notices.defect("settlement", error);
    }
  }

  #record(outcome: Outcome, status: number, reason: string, { metered, cost }: Bill): ExchangeRecord {
    const exchange = this.#exchange;
    const attempt = exchange.attempt;
    const nowMs = this.#services.monotonicMs();
    return {
      id: exchange.id,
      route: exchange.route,
      caller: exchange.caller,
      outcome,
      status,
      reason,
      operation: exchange.client.operation.name,
      clientDialect: exchange.client.name,
      targetDialect: attempt?.dialect.name,
      provider: attempt?.provider.name,
      cluster: attempt?.target.cluster,
      modelAsked: exchange.modelAsked,
      modelServed: metered.modelServed ?? attempt?.model,
      stream: exchange.stream,
      attempts: attempt?.number ?? 0,
      attemptsTried: exchange.attemptRecords(exchange.answeredStatus ?? unanswered(outcome, status), nowMs),
      usage: metered.usage,
      costNanoUsd: cost.nanoUsd,
      chargedNanoUsd: cost.chargedNanoUsd,
      discountPpm: cost.discountPpm,
      marginPpm: cost.marginPpm,
      costSource: cost.source,
      rulings: exchange.remarks.rulings,
      reservedNanoUsd: exchange.remarks.reservedNanoUsd,
      losses: attempt?.losses.entries ?? [],
      durationMs: nowMs - this.#startedMs,
      timeToFirstTokenMs: metered.timeToFirstTokenMs,
    };
  }
}

/** How the last attempt ended that no target answered. @param status the client's */
function unanswered(outcome: Outcome, status: number): Unanswered | "cancelled" {
  if (outcome === "cancelled") return "cancelled";
  return status === 504 ? "timeout" : "failed";
}

function unitFields(units: Units = {}): JsonObject {
  return {
    ...(units.images !== undefined && { images: units.images }),
    ...(units.audioMs !== undefined && { audio_ms: units.audioMs }),
    ...(units.searches !== undefined && { searches: units.searches }),
  };
}

/** What Envoy's access log shows of an exchange (`%DYNAMIC_METADATA(tollgate)%`). */
export function accessLogFields(exchange: Exchange, { metered, cost }: Bill): JsonObject {
  const { attempt, caller } = exchange;
  const { usage } = metered;
  return {
    exchange: exchange.id,
    ...shownCaller(caller),
    operation: exchange.client.operation.name,
    model_asked: exchange.modelAsked ?? "",
    model_served: metered.modelServed ?? attempt?.model ?? "",
    target: attempt?.target.cluster ?? "",
    provider: attempt?.provider.name ?? "",
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite,
    reasoning_tokens: usage.reasoning,
    ...unitFields(usage.units),
    estimated: usage.estimated,
    // A protobuf number is a double: whole up to 2^53 nano-dollars, nine million dollars.
    cost_nano_usd: cost.nanoUsd,
    charged_nano_usd: cost.chargedNanoUsd,
    cost_source: cost.source,
  };
}
