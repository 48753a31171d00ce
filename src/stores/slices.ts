/**
 * How a window is cut, the same in every store.
 *
 * A sliding window is sixty slices of time. An amount belongs to the slice in which it was taken, and a slice counts in
 * full until its last moment has left the window: the sum never falls below the truth, so no window ever holds more than
 * the limit, and what was taken is free again at most two slices late.
 */
import type { Window } from "./counter-store.ts";

const slicesPerWindow = 60;
/** A lease ends on a grid, so that a counter has few different ends to look at, however many leases it has. */
const gridsPerLease = 8;

/** A window as numbers, which scripts can be given. */
export interface Shape {
  /** Length of a slice; 0 when the window does not slide, and all is in slice 0. */
  readonly sliceMs: number;
  /** Sliding: how long a slice that is over goes on to count. Calendar: what is left of the period. Concurrent: 0. */
  readonly spanMs: number;
}

/** @param wallMs now, by the clock that the calendar goes by */
export function shapeOf(window: Window, wallMs: number): Shape {
  switch (window.kind) {
    case "sliding": {
      const sliceMs = Math.ceil(window.ms / slicesPerWindow);
      return { sliceMs, spanMs: Math.ceil(window.ms / sliceMs) * sliceMs };
    }
    case "calendar":
      return { sliceMs: 0, spanMs: Math.max(1, Math.ceil(window.endsMs - wallMs)) };
    case "concurrent":
      return { sliceMs: 0, spanMs: 0 };
  }
}

export function isCalendar({ sliceMs, spanMs }: Shape): boolean {
  return sliceMs === 0 && spanMs > 0;
}

export function sliceAt({ sliceMs }: Shape, nowMs: number): number {
  return sliceMs === 0 ? 0 : Math.floor(nowMs / sliceMs);
}

/** The first moment at which the slice no longer counts. */
export function leavesMs({ sliceMs, spanMs }: Shape, slice: number): number {
  return sliceMs === 0 ? Number.POSITIVE_INFINITY : (slice + 1) * sliceMs + spanMs;
}

export function gridMs(leaseMs: number): number {
  return Math.ceil(leaseMs / gridsPerLease);
}

/** When a lease that is taken or renewed now ends. */
export function leaseEndMs(nowMs: number, leaseMs: number): number {
  const grid = gridMs(leaseMs);
  return Math.ceil((nowMs + leaseMs) / grid) * grid;
}
