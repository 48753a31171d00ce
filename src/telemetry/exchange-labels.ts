/**
 * The labels of an exchange, bounded and made once per combination: prom-client takes objects, and building
 * eight of them per exchange would cost more than counting does.
 */
import { BoundedNames } from "./bounded-names.ts";
import { conventionalOperation, conventionalProvider, noValue, otherValue } from "./names.ts";
import type { ExchangeRecord } from "./record.ts";

const MAX_ROUTES = 200;
const MAX_PROVIDERS = 50;
const MAX_MODELS = 200;
/** Histograms have some twenty lines per combination, and a scrape may not hold the event loop for long. */
const MAX_MODEL_COMBINATIONS = 150;
const MAX_COMBINATIONS = 1_000;

export type Labels = Readonly<Record<string, string>>;

/** Kinds of `tollgate_tokens_total`. They overlap: cached tokens are input too, reasoning is output too. */
export type TokenKind =
  | "input"
  | "output"
  | "cache_read"
  | "cache_write"
  | "reasoning"
  | "audio_input"
  | "audio_output";

/** Labels of one provider, model asked for and model served. */
export interface ModelLabels {
  readonly key: string;
  readonly provider: string;
  /** As served if known, else as asked for. */
  readonly model: string;
  readonly genAi: Labels;
  readonly inputUsage: Labels;
  readonly outputUsage: Labels;
}

/** Labels of one kind of exchange. */
export interface ExchangeLabels {
  readonly exchange: Labels;
  /** Route, provider, model. */
  readonly spend: Labels;
  readonly tokens: Readonly<Record<TokenKind, Labels>>;
  readonly retries: Labels;
}

export class ExchangeLabelBook {
  readonly #routes = new BoundedNames(MAX_ROUTES);
  readonly #providers = new BoundedNames(MAX_PROVIDERS);
  readonly #models = new BoundedNames(MAX_MODELS);
  readonly #modelLabels = new Map<string, ModelLabels>();
  readonly #exchangeLabels = new Map<string, ExchangeLabels>();

  models(exchange: ExchangeRecord): ModelLabels {
    const proven = exchange.provider !== undefined && exchange.status >= 200 && exchange.status < 400;
    const provider = this.#providers.value(exchange.provider);
    const asked = this.#models.value(exchange.modelAsked, proven);
    const served = this.#models.value(exchange.modelServed, proven);
    const operation = conventionalOperation(exchange.operation);
    const key = `${operation}\n${provider}\n${asked}\n${served}`;
    const known = this.#modelLabels.get(key);
    if (known !== undefined) return known;
    if (this.#modelLabels.size >= MAX_MODEL_COMBINATIONS)
      return modelLabels("", operation, provider, otherValue, otherValue);
    const made = modelLabels(key, operation, provider, asked, served);
    this.#modelLabels.set(key, made);
    return made;
  }

  exchange(exchange: ExchangeRecord, models: ModelLabels): ExchangeLabels {
    const route = this.#routes.value(exchange.route);
    const client = exchange.clientDialect ?? noValue;
    const target = exchange.targetDialect ?? noValue;
    const status = statusLabel(exchange.status);
    const key = `${route}\n${exchange.outcome}\n${status}\n${client}\n${target}\n${models.provider}\n${models.model}`;
    const known = this.#exchangeLabels.get(key);
    if (known !== undefined) return known;
    const full = this.#exchangeLabels.size >= MAX_COMBINATIONS;
    const made = exchangeLabels(
      full ? otherValue : route,
      { outcome: exchange.outcome, status, client_dialect: client, target_dialect: target },
      models.provider,
      full ? otherValue : models.model,
    );
    if (!full) this.#exchangeLabels.set(key, made);
    return made;
  }
}

function modelLabels(
  key: string,
  operation: string,
  provider: string,
  asked: string,
  served: string,
): ModelLabels {
  const genAi = {
    gen_ai_operation_name: operation,
    gen_ai_provider_name: conventionalProvider(provider),
    gen_ai_request_model: asked,
    gen_ai_response_model: served,
  };
  return {
    key,
    provider,
    model: served === noValue ? asked : served,
    genAi,
    inputUsage: { ...genAi, gen_ai_token_type: "input" },
    outputUsage: { ...genAi, gen_ai_token_type: "output" },
  };
}

function exchangeLabels(route: string, ending: Labels, provider: string, model: string): ExchangeLabels {
  const spend = { route, provider, model };
  return {
    exchange: { ...spend, ...ending },
    spend,
    tokens: {
      input: { ...spend, kind: "input" },
      output: { ...spend, kind: "output" },
      cache_read: { ...spend, kind: "cache_read" },
      cache_write: { ...spend, kind: "cache_write" },
      reasoning: { ...spend, kind: "reasoning" },
      audio_input: { ...spend, kind: "audio_input" },
      audio_output: { ...spend, kind: "audio_output" },
    },
    retries: { route, provider },
  };
}

/** A status code is up to the provider: what is none is not shown as one. */
function statusLabel(status: number): string {
  if (status === 0) return noValue;
  return Number.isInteger(status) && status >= 100 && status <= 599 ? String(status) : otherValue;
}
