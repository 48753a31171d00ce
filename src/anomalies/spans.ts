/** The two lengths by which amounts are added up: a minute finds what is sudden, an hour what is steady. */

/** A length of intervals. */
export interface Span {
  readonly name: "minute" | "hour";
  readonly lengthMs: number;
  /** Intervals after which the mean has forgotten two thirds. */
  readonly memory: number;
  /** With fewer, nobody knows what is usual. Intervals. */
  readonly fewest: number;
  /** An anomaly is over when the amounts were low for so long. */
  readonly calmMs: number;
  /** Least amounts are said for a minute; an hour of it is not sixty bursts. */
  readonly leastTimes: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export const spans = Object.freeze({
  minute: {
    name: "minute",
    lengthMs: MINUTE_MS,
    memory: 10_080,
    fewest: 30,
    calmMs: 5 * MINUTE_MS,
    leastTimes: 1,
  },
  hour: {
    name: "hour",
    lengthMs: HOUR_MS,
    memory: 168,
    fewest: 8,
    calmMs: HOUR_MS,
    leastTimes: 5,
  },
}) satisfies Record<string, Span>;
