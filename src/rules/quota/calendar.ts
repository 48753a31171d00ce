/** Budgets go by the calendar of a place: its days, its weeks from Monday on (ISO 8601), its months. */
import { DateTime } from "luxon";
import type { Period } from "../../policy/quotas.ts";
import type { Window } from "../../stores/counter-store.ts";

type CalendarWindow = Extract<Window, { kind: "calendar" }>;

/** Of each kind and zone the one that is on: policies name few. */
const current = new Map<string, CalendarWindow & { readonly startsMs: number }>();
const mostRemembered = 1_000;

/**
 * The period that a moment is in. Its name is the first day and the zone, so that each zone has counters of its own.
 *
 * @param zone IANA
 * @param nowMs Unix milliseconds
 */
export function calendarWindow(period: Period, zone: string, nowMs: number): CalendarWindow {
  const key = `${period} ${zone}`;
  const known = current.get(key);
  if (known !== undefined && nowMs >= known.startsMs && nowMs < known.endsMs) return known;
  const start = DateTime.fromMillis(nowMs, { zone }).startOf(period);
  const end = start.plus({ [period]: 1 }).startOf(period);
  const name = `${period}:${start.toISODate() ?? ""}:${zone}`;
  const found = {
    kind: "calendar",
    period: name,
    startsMs: start.toMillis(),
    endsMs: end.toMillis(),
  } as const;
  if (current.size >= mostRemembered) current.clear();
  current.set(key, found);
  return found;
}
