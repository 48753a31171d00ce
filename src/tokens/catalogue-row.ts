/** A row of the price catalogue, turned into rates. */
import type { ModelPrice, Tier } from "@pydantic/genai-prices";
import { nanoDollars } from "./nano-dollars.ts";
import type { RateCard, Rates } from "./rates.ts";

/** The catalogue's value for a key: flat, or with tiers by the call's input tokens. */
interface TieredValue {
  readonly base: number;
  readonly tiers: readonly Tier[];
}

/** No prices can be made of this row. */
class BadRow extends Error {}

function at(value: number | TieredValue, inputTokens: number): number {
  if (typeof value === "number") return value;
  let price = value.base;
  let start = -1;
  for (const tier of value.tiers) {
    if (inputTokens > tier.start && tier.start > start) {
      price = tier.price;
      start = tier.start;
    }
  }
  return price;
}

function ratesAt(row: ModelPrice, inputTokens: number, isClaude: boolean): Rates {
  const rate = (key: string): number | undefined => {
    const value = row[key];
    if (value === undefined) return undefined;
    const nano = nanoDollars(at(value, inputTokens));
    if (nano === undefined) throw new BadRow(key);
    return nano;
  };
  const input = rate("input_mtok") ?? 0;
  const output = rate("output_mtok") ?? 0;
  const cacheRead = rate("cache_read_mtok");
  const cacheWrite = rate("cache_write_mtok") ?? input;
  const audioInput = rate("input_audio_mtok") ?? input;
  const imageInput = rate("input_image_mtok") ?? input;
  return {
    input,
    cacheRead: cacheRead ?? input,
    cacheWrite,
    // Resellers' rows (Bedrock, Vertex) often lack the key, but every Claude charges twice the input price:
    // https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
    cacheWriteHour: rate("cache_write_1h_mtok") ?? (isClaude ? 2 * input : cacheWrite),
    audioInput,
    audioCacheRead: rate("cache_audio_read_mtok") ?? cacheRead ?? audioInput,
    imageInput,
    imageCacheRead: rate("cache_image_read_mtok") ?? cacheRead ?? imageInput,
    output,
    reasoning: rate("output_reasoning_mtok") ?? output,
    audioOutput: rate("output_audio_mtok") ?? output,
    imageOutput: rate("output_image_mtok") ?? output,
  };
}

function bandStarts(row: ModelPrice): number[] {
  const starts = new Set<number>();
  for (const value of Object.values(row)) {
    if (typeof value === "object") for (const tier of value.tiers) starts.add(tier.start);
  }
  return [...starts].sort((a, b) => a - b);
}

/** Nano-dollars for an hour of audio listened to; undefined when the row has no such price. */
export function audioHourPrice(row: ModelPrice): number | undefined {
  const value = row["input_audio_hours"];
  return typeof value === "number" ? nanoDollars(value) : undefined;
}

/**
 * The row's rates in bands of input size. Undefined when the row prices no tokens (by the hour or by the page)
 * or holds a price that is not a plain amount.
 */
export function rateCard(modelId: string, row: ModelPrice): RateCard | undefined {
  if (row["input_mtok"] === undefined && row["output_mtok"] === undefined) return undefined;
  const isClaude = modelId.includes("claude");
  try {
    return [-1, ...bandStarts(row)].map((above) => ({ above, rates: ratesAt(row, above + 1, isClaude) }));
  } catch (error) {
    if (error instanceof BadRow) return undefined;
    throw error;
  }
}
