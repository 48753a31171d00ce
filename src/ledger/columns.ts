/**
 * The columns of the ledger's rows, in the order of `docs/ledger.md`. Texts are cut to `mostCharacters`, times are Unix
 * milliseconds, money is nano-dollars.
 */
import type { Column } from "../database/database.ts";

const text = (name: string): Column => ({ name, type: "text" });
const whole = (name: string): Column => ({ name, type: "whole" });
const flag = (name: string): Column => ({ name, type: "flag" });

/** Who called. */
const callerColumns = ["tenant", "app", "user_id", "department", "plan", "key_id"] as const;

const tokenColumns = [
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "cache_write_hour_tokens",
  "reasoning_tokens",
  "audio_input_tokens",
  "audio_output_tokens",
  "image_input_tokens",
  "image_output_tokens",
] as const;

/** What some models are paid by instead of tokens. */
const unitColumns = ["images", "audio_ms", "searches"] as const;

const moneyColumns = ["provider_cost_nano_usd", "charged_nano_usd"] as const;

export const exchangeColumns: readonly Column[] = [
  text("id"),
  whole("settled_at_ms"),
  ...["route", "outcome", "reason", "operation"].map(text),
  whole("status"),
  ...callerColumns.map(text),
  { name: "tags", type: "json" },
  ...["client_dialect", "target_dialect", "provider", "cluster", "model_asked", "model_served"].map(text),
  flag("stream"),
  whole("attempts"),
  ...[...tokenColumns, ...unitColumns].map(whole),
  flag("estimated"),
  flag("unpriced"),
  ...moneyColumns.map(whole),
  text("cost_source"),
  ...["discount_ppm", "margin_ppm", "reserved_nano_usd"].map(whole),
  text("cache"),
  ...["duration_ms", "first_token_ms"].map(whole),
];

export const attemptColumns: readonly Column[] = [
  text("exchange_id"),
  ...["number", "settled_at_ms"].map(whole),
  ...["cluster", "provider", "model", "result"].map(text),
  whole("status"),
  ...["input_tokens", "output_tokens"].map(whole),
  ...moneyColumns.map(whole),
  whole("duration_ms"),
];

/** What an hour's sums are told apart by. An empty text stands for what is not known. */
export const dimensionColumns = [
  ...callerColumns,
  "route",
  "operation",
  "provider",
  "cluster",
  "model_asked",
  "model",
  "outcome",
] as const;
export type Dimension = (typeof dimensionColumns)[number];

/** `unpriced`: exchanges that took something without a known price. `estimated`: whose tokens nobody counted. */
export const measureColumns = [
  "exchanges",
  "attempts",
  "estimated",
  "unpriced",
  ...tokenColumns,
  ...unitColumns,
  ...moneyColumns,
] as const;
export type Measure = (typeof measureColumns)[number];

export const hourlyColumns: readonly Column[] = [
  whole("hour"),
  text("key"),
  ...dimensionColumns.map(text),
  ...measureColumns.map(whole),
];
