/** What a person should hear of counters that several gateways share. */
import type { CountersMetrics } from "./counters-metrics.ts";
import type { Log } from "./log.ts";
import { logMessages } from "./names.ts";

/** @returns what `openCounters` takes; the messages that come to it hold no password */
export function countersNews(log: Log, metrics: CountersMetrics) {
  return {
    down: (error: Error) => log.error({ problem: error.message }, logMessages.countersDown),
    up: () => log.info({}, logMessages.countersUp),
    dropped(count: number) {
      metrics.dropped(count);
      log.error({ settlements: count }, logMessages.countersDropped);
    },
  };
}
