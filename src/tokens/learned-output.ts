/**
 * How much models write, learned from what they wrote: for those who must guess before an answer has come, or where none
 * came to its end. One histogram for each name, whose buckets grow by a quarter and forget by half over the last
 * thousand answers or so.
 */

/** Bounded: names come from clients. The one unseen for longest leaves first. */
const mostNames = 1_000;
/** Each bucket ends at a quarter more than the one before: a guess is at most that much too high. */
const growth = 1.25;
/** The last ends beyond ten million tokens. */
const buckets = 74;
/** When so many have been seen, all weigh half. */
const halvedAt = 1_000;
/** What fewer say is chance. */
const fewest = 20;

interface Histogram {
  readonly counts: Float64Array;
  total: number;
  /** Weighted as the counts are. */
  tokens: number;
}

export class LearnedOutput {
  readonly #histograms = new Map<string, Histogram>();

  /** @param tokens that an answer had, counted by its provider */
  observe(name: string, tokens: number): void {
    if (!(tokens >= 0)) return;
    const known = this.#histograms.get(name);
    const histogram = known ?? { counts: new Float64Array(buckets), total: 0, tokens: 0 };
    this.#histograms.delete(name);
    this.#histograms.set(name, histogram);
    const bucket = bucketOf(tokens);
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.total += 1;
    histogram.tokens += tokens;
    if (histogram.total >= halvedAt) halve(histogram);
    if (known === undefined && this.#histograms.size > mostNames) this.#forgetOldest();
  }

  /** The tokens that a share of all answers did not go beyond, rounded up; undefined while too few are known. */
  quantile(name: string, share: number): number | undefined {
    const histogram = this.#histograms.get(name);
    if (histogram === undefined || histogram.total < fewest) return undefined;
    let left = share * histogram.total;
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= histogram.counts[bucket] ?? 0;
      if (left <= 0) return endOf(bucket);
    }
    return endOf(buckets - 1);
  }

  /** Tokens of an answer on average, whole; undefined while too few are known. */
  mean(name: string): number | undefined {
    const histogram = this.#histograms.get(name);
    if (histogram === undefined || histogram.total < fewest) return undefined;
    return Math.round(histogram.tokens / histogram.total);
  }

  #forgetOldest(): void {
    const { value } = this.#histograms.keys().next();
    if (value !== undefined) this.#histograms.delete(value);
  }
}

/** The first bucket holds 0 and 1. */
function bucketOf(tokens: number): number {
  if (tokens <= 1) return 0;
  const bucket = Math.ceil(Math.log(tokens) / Math.log(growth));
  return Math.min(bucket, buckets - 1);
}

function endOf(bucket: number): number {
  return Math.ceil(growth ** bucket);
}

function halve(histogram: Histogram): void {
  for (let bucket = 0; bucket < buckets; bucket++) {
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) / 2;
  }
  histogram.total /= 2;
  histogram.tokens /= 2;
}
