/** What a person should hear of, without being told a thousand times a second. */
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { logMessages } from "./names.ts";

/** Texts may not hold prompts, keys or header values. */
export interface Notices {
  /** The operator's mistake. Same route and problem: one line per interval, all of them counted. */
  misconfigured(route: string, problem: string): void;
  /** Ours. Same place and message: one line per interval, all of them counted. */
  defect(where: string, error: unknown): void;
}

const INTERVAL_MS = 10_000;
const MAX_REMEMBERED = 256;
const MAX_KEY = 256;

/** @param monotonicMs for the intervals */
export function createNotices(log: Log, metrics: Metrics, monotonicMs: () => number): Notices {
  const told = new Map<string, { readonly at: number; held: number }>();

  /** How many were held back since the last line; undefined: hold this one back too. */
  function turn(key: string): number | undefined {
    const now = monotonicMs();
    const last = told.get(key);
    if (last !== undefined && now - last.at < INTERVAL_MS) {
      last.held++;
      return undefined;
    }
    // Every distinct notice at once, over and over, is itself held to the size of this map per interval.
    if (last === undefined && told.size >= MAX_REMEMBERED) {
      for (const [oldest, entry] of told) if (now - entry.at >= INTERVAL_MS) told.delete(oldest);
      if (told.size >= MAX_REMEMBERED) return undefined;
    }
    told.set(key, { at: now, held: 0 });
    return last?.held ?? 0;
  }

  return {
    misconfigured(route, problem) {
      metrics.misconfigured();
      const held = turn(`m ${route} ${problem}`.slice(0, MAX_KEY));
      if (held !== undefined) log.error({ route, problem, held_back: held }, logMessages.misconfigured);
    },
    defect(where, error) {
      metrics.defect(where);
      const message = error instanceof Error ? error.message : String(error);
      const held = turn(`d ${where} ${message}`.slice(0, MAX_KEY));
      if (held !== undefined) log.error({ where, err: error, held_back: held }, logMessages.defect);
    },
  };
}
