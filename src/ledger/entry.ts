/**
 * An exchange as the ledger keeps it: one row for it and one for each attempt. Made on the event loop when the exchange
 * ends, and kept as a line of JSON until it is in the database; so it is plain, small and complete.
 */
import type { Row } from "../database/database.ts";
import type { Caller } from "../identity/caller.ts";
import type { AttemptTried, ExchangeRecord, Spent } from "../telemetry/record.ts";
import { safeText } from "../telemetry/redaction.ts";
import { isUnpriced } from "../telemetry/spending.ts";

export interface LedgerEntry {
  readonly exchange: Row & { readonly id: string; readonly settled_at_ms: number };
  readonly attempts: readonly Row[];
}

/** Of any text. Names of models and callers are shorter; what is longer is somebody's mistake. */
const mostCharacters = 256;

/** @param nowMs Unix milliseconds */
export function entryOf(record: ExchangeRecord, nowMs: number): LedgerEntry {
  const { usage } = record;
  const exchange = {
    id: record.id,
    settled_at_ms: nowMs,
    route: clean(record.route),
    outcome: record.outcome,
    reason: clean(record.reason),
    operation: record.operation ?? null,
    status: whole(record.status),
    ...callerOf(record.caller),
    client_dialect: record.clientDialect ?? null,
    target_dialect: record.targetDialect ?? null,
    provider: record.provider ?? null,
    cluster: maybeClean(record.cluster),
    model_asked: maybeClean(record.modelAsked),
    model_served: maybeClean(record.modelServed),
    stream: record.stream ? 1 : 0,
    attempts: record.attempts,
    input_tokens: whole(usage.input),
    output_tokens: whole(usage.output),
    cache_read_tokens: whole(usage.cacheRead),
    cache_write_tokens: whole(usage.cacheWrite),
    cache_write_hour_tokens: whole(usage.cacheWriteHour),
    reasoning_tokens: whole(usage.reasoning),
    audio_input_tokens: whole(usage.audioInput),
    audio_output_tokens: whole(usage.audioOutput),
    image_input_tokens: whole(usage.imageInput),
    image_output_tokens: whole(usage.imageOutput),
    images: whole(usage.units?.images),
    audio_ms: whole(usage.units?.audioMs),
    searches: whole(usage.units?.searches),
    estimated: usage.estimated ? 1 : 0,
    unpriced: isUnpriced(record) ? 1 : 0,
    ...moneyOf(record),
    cost_source: record.costSource,
    discount_ppm: record.discountPpm,
    margin_ppm: record.marginPpm,
    reserved_nano_usd: record.reservedNanoUsd ?? null,
    duration_ms: Math.round(record.durationMs),
    first_token_ms: record.timeToFirstTokenMs === undefined ? null : Math.round(record.timeToFirstTokenMs),
  };
  return { exchange, attempts: record.attemptsTried.map((tried) => attemptOf(record.id, nowMs, tried)) };
}

function callerOf(caller: Caller | undefined): Row {
  const { tenant, app, user, department, plan, keyId, tags = {} }: Partial<Caller> = caller ?? {};
  const kept = Object.entries(tags).map(([name, value]) => [clean(name), clean(value)]);
  return {
    tenant: maybeClean(tenant),
    app: maybeClean(app),
    user_id: maybeClean(user),
    department: maybeClean(department),
    plan: maybeClean(plan),
    key_id: maybeClean(keyId),
    tags: kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept)),
  };
}

function moneyOf({ costNanoUsd, chargedNanoUsd }: Spent) {
  return { provider_cost_nano_usd: costNanoUsd, charged_nano_usd: chargedNanoUsd };
}

function attemptOf(exchange: string, nowMs: number, tried: AttemptTried): Row {
  const { result } = tried;
  return {
    exchange_id: exchange,
    number: tried.number,
    settled_at_ms: nowMs,
    cluster: clean(tried.cluster),
    provider: tried.provider,
    model: clean(tried.model),
    result: String(result),
    status: typeof result === "number" ? result : null,
    input_tokens: whole(tried.usage.input),
    output_tokens: whole(tried.usage.output),
    ...moneyOf(tried),
    duration_ms: Math.round(tried.durationMs),
  };
}

function maybeClean(text: string | undefined): string | null {
  return text === undefined ? null : clean(text);
}

/** Names come again and again: looking at each once saves half of the time that an entry takes. */
const cleaned = new Map<string, string>();
const mostRemembered = 2_000;

/** Postgres has no form for a zero byte or half a character; and what looks like a key is not kept. */
function clean(text: string): string {
  const known = cleaned.get(text);
  if (known !== undefined) return known;
  const made = cleanly(text);
  if (cleaned.size >= mostRemembered) cleaned.clear();
  if (text.length <= mostCharacters) cleaned.set(text, made);
  return made;
}

function cleanly(text: string): string {
  const bounded = safeText(text, mostCharacters);
  return plain.test(bounded) ? bounded : Buffer.from(bounded.replaceAll("\0", "\ufffd")).toString("utf8");
}

/** Nothing to mend: most names. */
const plain = /^[\x20-\x7e]*$/;

/** Counts come from providers, who may say anything: what is no whole number in range is brought into range. */
function whole(count = 0): number {
  return count > 0 ? Math.min(Math.floor(count), Number.MAX_SAFE_INTEGER) : 0;
}
