/**
 * What one caller does in intervals of one length, and what is usual for it: the mean of an interval, and the mean of the
 * highest interval of a day, so that what comes in bursts is told from what is new. Only intervals in which
 * something happened count, so nights and holidays neither lower what is usual nor take any work.
 */
import { type AnomalyKind, anomalyKinds } from "../policy/anomaly-settings.ts";
import type { Span } from "./spans.ts";

/** The kinds by their place in the arrays, which are kept: another order is another `keptVersion`. */
export const placeOf = Object.freeze({
  tokens: 0,
  cost: 1,
  rate: 2,
  expensive_model: 3,
  errors: 4,
  retries: 5,
}) satisfies Record<AnomalyKind, number>;

const places = anomalyKinds.length;

const DAY_MS = 86_400_000;
/** As the intervals' memory, for what is learned once a day. */
const memoryDays = 7;

/** How an interval is learned from that may have been an anomaly. */
export interface Learning {
  /** What goes beyond it is not learned. */
  limit(place: number): number;
  /** An anomaly is under way. */
  isDisturbed(place: number): boolean;
}

/** The numbers of a track, as they are kept. */
export interface TrackState {
  /** When the current interval ends, unix milliseconds, and its day since 1970; -1 before the first. */
  endMs: number;
  day: number;
  /** How many have been learned from. */
  intervals: number;
  days: number;
  /** Places of amounts that were disturbed today, as bits. */
  disturbed: number;
  /** By place: in the current interval, in a usual one, in the highest of today, in the highest of a usual day. */
  readonly sums: number[];
  readonly means: number[];
  readonly highest: number[];
  readonly peaks: number[];
}

export class Track implements TrackState {
  readonly span: Span;
  endMs: number;
  day: number;
  intervals: number;
  days: number;
  disturbed: number;
  readonly sums: number[];
  readonly means: number[];
  readonly highest: number[];
  readonly peaks: number[];

  constructor(span: Span, state: TrackState = freshState()) {
    this.span = span;
    this.endMs = state.endMs;
    this.day = state.day;
    this.intervals = state.intervals;
    this.days = state.days;
    this.disturbed = state.disturbed;
    this.sums = state.sums;
    this.means = state.means;
    this.highest = state.highest;
    this.peaks = state.peaks;
  }

  get state(): TrackState {
    const { span: _, ...state } = this;
    return state;
  }

  sum(place: number): number {
    return this.sums[place] ?? 0;
  }

  mean(place: number): number {
    return this.means[place] ?? 0;
  }

  peak(place: number): number {
    return this.peaks[place] ?? 0;
  }

  get isKnown(): boolean {
    return this.intervals >= this.span.fewest;
  }

  /** @returns what the interval comes to by now */
  add(place: number, amount: number): number {
    const sum = this.sum(place) + amount;
    this.sums[place] = sum;
    return sum;
  }

  /** What the current interval has so far is neither held against the caller nor learned. */
  forgetInterval(): void {
    this.sums.fill(0);
  }

  /** True when the interval that amounts were added to is over; a clock that goes back stays in it. */
  isOver(nowMs: number): boolean {
    return nowMs >= this.endMs;
  }

  /** Learns from the interval that is over, and begins the one of now. */
  begin(nowMs: number, learning: Learning): void {
    const { lengthMs } = this.span;
    const day = Math.floor(nowMs / DAY_MS);
    if (this.endMs >= 0) this.#learnInterval(learning);
    if (day > this.day && this.day >= 0) this.#learnDay();
    this.endMs = (Math.floor(nowMs / lengthMs) + 1) * lengthMs;
    this.day = day;
  }

  #learnInterval(learning: Learning): void {
    this.intervals++;
    const slow = 1 / this.span.memory;
    const usual = Math.max(1 / this.intervals, slow);
    for (let place = 0; place < places; place++) {
      const limit = learning.limit(place);
      const isDisturbed = this.sum(place) > limit || learning.isDisturbed(place);
      const amount = Math.min(this.sum(place), limit);
      const rate = isDisturbed ? slow : usual;
      this.means[place] = this.mean(place) + rate * (amount - this.mean(place));
      this.highest[place] = Math.max(this.highest[place] ?? 0, amount);
      if (isDisturbed) this.disturbed |= 1 << place;
      this.sums[place] = 0;
    }
  }

  #learnDay(): void {
    this.days++;
    const slow = 1 / memoryDays;
    const usual = Math.max(1 / this.days, slow);
    for (let place = 0; place < places; place++) {
      const rate = (this.disturbed & (1 << place)) === 0 ? usual : slow;
      this.peaks[place] = this.peak(place) + rate * ((this.highest[place] ?? 0) - this.peak(place));
      this.highest[place] = 0;
    }
    this.disturbed = 0;
  }
}

function freshState(): TrackState {
  const zeros = () => new Array<number>(places).fill(0);
  return {
    ...{ endMs: -1, day: -1, intervals: 0, days: 0, disturbed: 0 },
    ...{ sums: zeros(), means: zeros(), highest: zeros(), peaks: zeros() },
  };
}
