/** One line per exchange. */
import type { Log } from "./log.ts";
import { generalPath } from "./loss-path.ts";
import { type ExchangeLogFields, logMessages } from "./names.ts";
import { pseudonym } from "./pseudonym.ts";
import type { ExchangeRecord, Recorder, Ruled } from "./record.ts";

const MAX_TEXT = 128;
const MAX_LOSSES = 16;

/** Writes a line at level info, or warn when something went wrong on our side, at a provider's or in Envoy. */
export function exchangeLog(log: Log): Recorder {
  return {
    record(exchange) {
      const fields = exchangeFields(exchange);
      // Counted in the metrics; a line for each would say nothing that Envoy's access log does not.
      if (exchange.outcome === "passed-through") log.debug(fields, logMessages.exchange);
      else if (isTrouble(exchange)) log.warn(fields, logMessages.exchange);
      else log.info(fields, logMessages.exchange);
    },
  };
}

/** Refusals and hang-ups are daily business; 5xx, broken answers and Envoy's own replies are not. */
function isTrouble(exchange: ExchangeRecord): boolean {
  return exchange.outcome === "failed" || exchange.outcome === "local-reply" || exchange.status >= 500;
}

function exchangeFields(exchange: ExchangeRecord): ExchangeLogFields {
  const { usage, caller } = exchange;
  return {
    exchange_id: bounded(exchange.id),
    route: bounded(exchange.route),
    tenant: maybeBounded(caller?.tenant),
    app: maybeBounded(caller?.app),
    department: maybeBounded(caller?.department),
    plan: maybeBounded(caller?.plan),
    key_id: caller?.keyId,
    user_hash: caller?.user === undefined ? undefined : pseudonym(caller.user),
    outcome: exchange.outcome,
    status: exchange.status,
    reason: bounded(exchange.reason),
    operation: exchange.operation,
    client_dialect: exchange.clientDialect,
    target_dialect: exchange.targetDialect,
    provider: exchange.provider,
    cluster: exchange.cluster,
    model_asked: maybeBounded(exchange.modelAsked),
    model_served: maybeBounded(exchange.modelServed),
    stream: exchange.stream,
    attempts: exchange.attempts,
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite,
    reasoning_tokens: usage.reasoning,
    images: usage.units?.images,
    audio_ms: usage.units?.audioMs,
    searches: usage.units?.searches,
    tokens_estimated: usage.estimated,
    cost_nano_usd: exchange.costNanoUsd,
    charged_nano_usd: exchange.chargedNanoUsd,
    cost_source: exchange.costSource,
    rulings: exchange.rulings.length === 0 ? undefined : exchange.rulings.map(rulingText),
    losses: exchange.losses.length === 0 ? undefined : lossTexts(exchange),
    duration_ms: tenths(exchange.durationMs),
    first_token_ms:
      exchange.timeToFirstTokenMs === undefined ? undefined : tenths(exchange.timeToFirstTokenMs),
  };
}

function rulingText({ rule, verdict }: Ruled): string {
  return `${verdict} ${rule}`;
}

/** Without indices, so that hundred dropped fields of a long conversation are one entry. */
function lossTexts(exchange: ExchangeRecord): string[] {
  const texts = new Set<string>();
  for (const loss of exchange.losses) {
    if (texts.size >= MAX_LOSSES) break;
    texts.add(`${loss.how} ${generalPath(loss.path)}`);
  }
  return [...texts];
}

function bounded(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function maybeBounded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : bounded(text);
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
