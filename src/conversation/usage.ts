/**
 * What one call took, with one meaning in every dialect: whole tokens, and what is counted by other units.
 *
 * `input` and `output` are totals: cached, reasoning, audio and image tokens are parts of them, never beside them.
 * Providers differ (OpenAI includes cached tokens in the input, Anthropic does not), so each dialect converts.
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
  /** Tokens of images, where the provider tells them from text. */
  readonly imageInput?: number;
  readonly imageOutput?: number;
  /** Absent: nothing is counted but tokens. */
  readonly units?: Units;
  /** True when any number was estimated by us and not reported by the provider. */
  readonly estimated: boolean;
}

/** What some models are paid by instead of tokens. Absent: the answer does not say. */
export interface Units {
  /** Images made. Whole. */
  readonly images?: number;
  /** Audio listened to, in whole milliseconds. */
  readonly audioMs?: number;
  /** Searches, as rerankers count them. Whole. */
  readonly searches?: number;
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

/** Both together; estimated if one of them is. */
export function usageSum(one: Usage, other: Usage): Usage {
  const imageInput = sumIfSaid(one.imageInput, other.imageInput);
  const imageOutput = sumIfSaid(one.imageOutput, other.imageOutput);
  const units = unitSum(one.units, other.units);
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    cacheWriteHour: one.cacheWriteHour + other.cacheWriteHour,
    reasoning: one.reasoning + other.reasoning,
    audioInput: one.audioInput + other.audioInput,
    audioOutput: one.audioOutput + other.audioOutput,
    ...(imageInput !== undefined && { imageInput }),
    ...(imageOutput !== undefined && { imageOutput }),
    ...(units !== undefined && { units }),
    estimated: one.estimated || other.estimated,
  };
}

function unitSum(one: Units | undefined, other: Units | undefined): Units | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const images = sumIfSaid(one.images, other.images);
  const audioMs = sumIfSaid(one.audioMs, other.audioMs);
  const searches = sumIfSaid(one.searches, other.searches);
  return {
    ...(images !== undefined && { images }),
    ...(audioMs !== undefined && { audioMs }),
    ...(searches !== undefined && { searches }),
  };
}

function sumIfSaid(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : one + (other ?? 0);
}
