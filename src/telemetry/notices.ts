/** What a person should hear of, without being told a thousand times a second. */
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { logMessages } from "./names.ts";
import { turns } from "./turns.ts";

/** Texts may not hold prompts, keys or header values. */
export interface Notices {
  /** The operator's mistake. Same route and problem: one line per interval, all of them counted. */
  misconfigured(route: string, problem: string): void;
  /** Ours. Same place and message: one line per interval, all of them counted. */
  defect(where: string, error: unknown): void;
}

/** @param monotonicMs for the intervals */
export function createNotices(log: Log, metrics: Metrics, monotonicMs: () => number): Notices {
  const turn = turns(monotonicMs);
  return {
    misconfigured(route, problem) {
      metrics.misconfigured();
      const held = turn(`m ${route} ${problem}`);
      if (held !== undefined) log.error({ route, problem, held_back: held }, logMessages.misconfigured);
    },
    defect(where, error) {
      metrics.defect(where);
      const message = error instanceof Error ? error.message : String(error);
      const held = turn(`d ${where} ${message}`);
      if (held !== undefined) log.error({ where, err: error, held_back: held }, logMessages.defect);
    },
  };
}
