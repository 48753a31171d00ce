/** What limits and budgets say of calls, and what becomes of the counters behind them. */
import { Counter, Gauge, type Registry } from "prom-client";
import { BoundedNames } from "./bounded-names.ts";
import { metricNames } from "./names.ts";
import type { Ruled } from "./record.ts";

export interface CountersMetrics {
  ruled(ruled: Ruled): void;
  /** Settlements that shared counters will never hear of. */
  dropped(count: number): void;
}

/** Asked at each scrape. */
export interface CountersState {
  isUp(): boolean;
  backlog(): number;
}

/** Names come from policies and from keys, of which there may be any number. */
const mostRules = 500;

export function createCountersMetrics(registers: Registry[], state: CountersState): CountersMetrics {
  const rulings = new Counter({
    name: metricNames.rulings,
    help: "What a limit or a budget said of a call beside letting it pass.",
    labelNames: ["rule", "verdict"],
    registers,
  });
  const dropped = new Counter({
    name: metricNames.countersDropped,
    help: "Settlements that the shared counters never hear of: they were away for too long.",
    registers,
  });
  new Gauge({
    name: metricNames.countersUp,
    help: "1 while the shared counters can be reached, or there are none to share.",
    aggregator: "min",
    registers,
    collect() {
      this.set(state.isUp() ? 1 : 0);
    },
  });
  new Gauge({
    name: metricNames.countersBacklog,
    help: "Settlements that the shared counters have yet to hear of.",
    registers,
    collect() {
      this.set(state.backlog());
    },
  });
  const names = new BoundedNames(mostRules);
  return {
    ruled: ({ rule, verdict }) => rulings.inc({ rule: names.value(rule), verdict }),
    dropped: (count) => dropped.inc(count),
  };
}
