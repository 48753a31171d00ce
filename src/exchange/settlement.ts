/** The one place where an exchange is closed: usage becomes cost, and the record goes out, exactly once. */
import type { Units, Usage } from "../conversation/usage.ts";
import { noUsage, usageSum } from "../conversation/usage.ts";
import type { JsonObject } from "../json/types.ts";
import type { ExchangeRecord, Outcome, Spent } from "../telemetry/record.ts";
import { type Cost, costSum, noCost } from "../tokens/pricing.ts";
import { abandoned } from "./abandoned.ts";
import type { Attempt, Exchange, Unanswered } from "./exchange.ts";
import type { Services } from "./services.ts";
import { shownCaller } from "./shown-caller.ts";

/** What the answer told of itself so far. */
export interface Metered {
  readonly usage: Usage;
  /** The provider has answered with success, be it not to the end: what it takes per call is due. */
  readonly answered: boolean;
  /** Nothing that the provider goes on doing would add to it. */
  readonly isFinal: boolean;
  /** The model that the provider says it used. */
  readonly modelServed: string | undefined;
  readonly timeToFirstTokenMs: number | undefined;
}

export const nothingMetered: Metered = {
  usage: noUsage,
  answered: false,
  isFinal: false,
  modelServed: undefined,
  timeToFirstTokenMs: undefined,
};

/** Of an attempt that its provider bills nobody for, whatever became of it. */
export const nothingDue: Metered = { ...nothingMetered, isFinal: true };

/** What an exchange came to; known before it is settled, so that the answer can carry it. */
export interface Bill {
  /** What the last attempt told of itself. */
  readonly metered: Metered;
  /** All its attempts together. */
  readonly usage: Usage;
  readonly cost: Cost;
  /** Each of them, in order. */
  readonly attempts: readonly Spent[];
}

/** Of an exchange without any attempt. */
export const nothingBilled: Bill = { metered: nothingMetered, usage: noUsage, cost: noCost, attempts: [] };

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

  /** @param metered of the last attempt */
  bill(metered: Metered): Bill {
    const { attempts, attempt: last } = this.#exchange;
    if (last === undefined) return { ...nothingBilled, metered };
    const lines = attempts.map((attempt) => {
      const took = this.#took(attempt, attempt === last ? metered : nothingDue);
      // The last has a price even when nothing is due: errors say that they cost nothing.
      const cost = attempt !== last && took === nothingDue ? noCost : this.#cost(attempt, took);
      return { usage: took.usage, cost };
    });
    return {
      metered,
      usage: lines.map(({ usage }) => usage).reduce(usageSum),
      cost: costSum(lines.map(({ cost }) => cost)),
      attempts: lines.map(({ usage, cost }) => ({
        usage,
        costNanoUsd: cost.nanoUsd,
        chargedNanoUsd: cost.chargedNanoUsd,
        costSource: cost.source,
      })),
    };
  }

  /**
   * The bill of an exchange whose last attempt is waited for no longer: by its provider's rule.
   *
   * @param soFar what its answer told of itself, if it had begun
   */
  billAbandoned(soFar: Metered): Bill {
    const { attempt } = this.#exchange;
    // Answered with a failure, it was not under way any more: Envoy was about to try again.
    const isOver = attempt === undefined || this.#exchange.failures.has(attempt.number);
    return this.bill(isOver ? soFar : this.#abandoned(attempt, soFar));
  }

  #abandoned(attempt: Attempt, soFar: Metered): Metered {
    return abandoned(this.#exchange, attempt, soFar, this.#services.learnedOutput);
  }

  /** @param told of itself */
  #took(attempt: Attempt, told: Metered): Metered {
    const { failures, timeouts, answeredStatus, attempt: last } = this.#exchange;
    const { number, provider } = attempt;
    const status = failures.get(number) ?? (attempt === last ? answeredStatus : undefined);
    const isBilled =
      status === undefined
        ? timeouts.has(number)
        : (provider.abandoned.billedStatuses?.includes(status) ?? false);
    return isBilled ? this.#abandoned(attempt, nothingMetered) : told;
  }

  #cost(attempt: Attempt, { usage, modelServed, answered }: Metered): Cost {
    const terms =
      this.#exchange.policy.price(attempt.model) ??
      (modelServed === undefined ? undefined : this.#exchange.policy.price(modelServed));
    const query = { providerId: attempt.provider.priceId, terms, answered };
    const cost = this.#services.pricing.cost({ ...query, model: modelServed ?? attempt.model }, usage);
    if (cost.source !== "unknown" || modelServed === undefined) return cost;
    // Providers name dated snapshots in answers that price lists may not know yet.
    return this.#services.pricing.cost({ ...query, model: attempt.model }, usage);
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

  #record(outcome: Outcome, status: number, reason: string, bill: Bill): ExchangeRecord {
    const { metered, cost, usage } = bill;
    const exchange = this.#exchange;
    const attempt = exchange.attempt;
    const nowMs = this.#services.monotonicMs();
    const last = exchange.answeredStatus ?? unanswered(outcome, status);
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
      attemptsTried: exchange.attemptRecords(last, nowMs, bill.attempts),
      usage,
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
export function accessLogFields(exchange: Exchange, { metered, usage, cost }: Bill): JsonObject {
  const { attempt, caller } = exchange;
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
