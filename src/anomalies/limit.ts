/** Beyond which amounts in an interval are an anomaly. */
import type { AnomalyKind, AnomalySettings } from "../policy/anomaly-settings.ts";
import { placeOf, type Track } from "./track.ts";

/** A caller whose busiest interval of a day is known may go that far beyond it, whatever its mean. */
const peakFactor = 3;

/** Tokens, nano-dollars, requests, errors or retries in an interval of the track's length. */
export function limitOf(kind: AnomalyKind, track: Track, settings: AnomalySettings): number {
  const place = placeOf[kind];
  const least = settings.atLeast[kind] * track.span.leastTimes;
  const peak = peakFactor * track.peak(place);
  // An expensive model is one thing too many when it alone takes what all models take usually.
  const usual =
    kind === "expensive_model"
      ? Math.max(track.mean(placeOf.cost), settings.priceFactor * track.mean(place))
      : settings.factor * track.mean(place);
  return Math.max(least, usual, peak);
}

/** An anomaly goes on while an interval comes to so much. */
export function calmBelow(limit: number): number {
  return limit / 2;
}
