/** What one model costs, as integers. */

/** Nano-dollars per million tokens, by disjoint kind of token. All whole numbers ≥ 0. */
export interface Rates {
  /** Fresh text (or document) input; images too where the provider does not tell them apart. */
  readonly input: number;
  readonly cacheRead: number;
  /** Written to the provider's cache for five minutes, or for whatever its only lifetime is. */
  readonly cacheWrite: number;
  readonly cacheWriteHour: number;
  readonly audioInput: number;
  readonly audioCacheRead: number;
  readonly imageInput: number;
  readonly imageCacheRead: number;
  /** Visible text output. */
  readonly output: number;
  readonly reasoning: number;
  readonly audioOutput: number;
  readonly imageOutput: number;
}

/** Rates that hold for calls with more than `above` input tokens. */
export interface RateBand {
  readonly above: number;
  readonly rates: Rates;
}

/** Rates of a model: at least one band, by rising `above`, the first with `above` −1. */
export type RateCard = readonly RateBand[];

/**
 * The rates for a call of this size. A dearer band applies to the whole call, not only to the tokens beyond its
 * start: that is how Google prices long prompts (https://ai.google.dev/gemini-api/docs/pricing) and how
 * Anthropic did (https://platform.claude.com/docs/en/about-claude/pricing).
 */
export function ratesFor(card: RateCard, inputTokens: number): Rates | undefined {
  let chosen = card[0];
  for (const band of card) if (inputTokens > band.above) chosen = band;
  return chosen?.rates;
}
