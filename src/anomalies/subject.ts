/** One caller that is watched: what it does, what is usual for it, and what is wrong with it now. */
import type { AnomalyKind, AnomalySettings } from "../policy/anomaly-settings.ts";
import { anomalyKinds } from "../policy/anomaly-settings.ts";
import type { Incident, SubjectName } from "./incident.ts";
import { limitOf } from "./limit.ts";
import { PriceNorm } from "./price-norm.ts";
import { spans } from "./spans.ts";
import { type Learning, Track } from "./track.ts";

export class Subject {
  readonly name: SubjectName;
  /** First seen. Unix milliseconds. */
  readonly sinceMs: number;
  readonly minute: Track;
  readonly hour: Track;
  readonly tracks: readonly Track[];
  readonly prices: PriceNorm;
  /** Next time that it comes last in the order of those seen. Unix milliseconds. */
  moveAtMs = 0;
  /** Those under way, one of a kind at most. */
  readonly incidents = new Map<AnomalyKind, Incident>();

  constructor(
    name: SubjectName,
    sinceMs: number,
    kept: { readonly minute: Track; readonly hour: Track; readonly prices: PriceNorm } = {
      minute: new Track(spans.minute),
      hour: new Track(spans.hour),
      prices: new PriceNorm(),
    },
  ) {
    this.name = name;
    this.sinceMs = sinceMs;
    this.minute = kept.minute;
    this.hour = kept.hour;
    this.tracks = [kept.minute, kept.hour];
    this.prices = kept.prices;
  }

  /** Enough is known of it to say what is usual. */
  isKnown(track: Track, settings: AnomalySettings, nowMs: number): boolean {
    return track.isKnown && nowMs - this.sinceMs >= settings.warmUpMs;
  }

  /** Intervals that are over become part of what is usual. */
  learn(settings: AnomalySettings, nowMs: number): void {
    if (this.minute.isOver(nowMs)) this.prices.learnMinute(this.incidents.has("expensive_model"));
    for (const track of this.tracks) {
      if (track.isOver(nowMs)) track.begin(nowMs, this.#learning(track, settings, nowMs));
    }
  }

  /** Of everything that is under way; 0: it is not refused. Unix milliseconds. */
  get brakeUntilMs(): number {
    let untilMs = 0;
    for (const { brakeUntilMs = 0 } of this.incidents.values()) untilMs = Math.max(untilMs, brakeUntilMs);
    return untilMs;
  }

  /** What it did in the current intervals is not held against it any more. */
  forgive(): void {
    this.prices.forgetMinute();
    for (const track of this.tracks) track.forgetInterval();
  }

  #learning(track: Track, settings: AnomalySettings, nowMs: number): Learning {
    const isKnown = this.isKnown(track, settings, nowMs);
    const kindAt = (place: number) => anomalyKinds[place] ?? "tokens";
    return {
      // Whatever it does at first is what is known of it.
      limit: (place) => (isKnown ? limitOf(kindAt(place), track, settings) : Number.POSITIVE_INFINITY),
      isDisturbed: (place) => this.incidents.has(kindAt(place)),
    };
  }
}
