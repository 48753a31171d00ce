/** One exposition for several processes: counters and histograms are added up, gauges by their own rule. */
import { AggregatorRegistry } from "prom-client";

/** @param snapshots what each worker's `Metrics.snapshot` returned */
export function aggregateText(snapshots: ReadonlyArray<readonly unknown[]>): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots] as object[]).metrics();
}
