/**
 * Tokens of one call, with one meaning in every dialect. Counts are whole tokens.
 *
 * `input` and `output` are totals: cached and reasoning tokens are parts of them, never beside them. Providers
 * differ (OpenAI includes cached tokens in the input, Anthropic does not), so each dialect converts.
 */
export interface Usage {
  /** All input tokens, cached ones included. */
  readonly input: number;
  /** All output tokens, reasoning included. */
  readonly output: number;
  /** Input tokens read from the provider's prompt cache. */
  readonly cacheRead: number;
  /** Input tokens written to the provider's prompt cache (5-minute and 1-hour entries together). */
  readonly cacheWrite: number;
  /** The part of `cacheWrite` with a lifetime of an hour, which is dearer. */
  readonly cacheWriteHour: number;
  /** Output tokens spent on thinking. */
  readonly reasoning: number;
  readonly audioInput: number;
  readonly audioOutput: number;
  /** True when any number was estimated by us and not reported by the provider. */
  readonly estimated: boolean;
}

export const noUsage: Usage = Object.freeze({
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  reasoning: 0,
  audioInput: 0,
  audioOutput: 0,
  estimated: false,
});
