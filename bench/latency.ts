/**
 * What a caller waits. Sixteen connections that think between calls, as applications do: in closed loops without
 * a thought the core is full, and the figure is its queue.
 */
import { exchange } from "./exchange.ts";
import { pause } from "./load.ts";
import type { Row } from "./rows.ts";
import type { Variant } from "./variant.ts";

export const LATENCY_CONNECTIONS = 16;
/** Uniform between the two. Milliseconds. */
export const THINK_MS = [10, 30] as const;

export interface LatencySample {
  /** Of each exchange, in milliseconds, unordered. */
  readonly waits: readonly number[];
  readonly errors: number;
}

/** For `durationMs`, then until the last call is answered. */
export async function sampleLatency(variant: Variant, row: Row, durationMs: number): Promise<LatencySample> {
  const deadline = performance.now() + durationMs;
  const wire = variant.wire(LATENCY_CONNECTIONS);
  const call = variant.callOf(row);
  const waits: number[] = [];
  let errors = 0;
  const connection = async (): Promise<void> => {
    await pause(Math.random() * THINK_MS[1]);
    while (performance.now() < deadline) {
      const begin = performance.now();
      const wrong = await exchange(wire, call);
      waits.push(performance.now() - begin);
      if (wrong !== undefined) errors += 1;
      await pause(THINK_MS[0] + Math.random() * (THINK_MS[1] - THINK_MS[0]));
    }
  };
  await Promise.all(Array.from({ length: LATENCY_CONNECTIONS }, connection));
  return { waits, errors };
}

/** The value that `share` of the values do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? Number.NaN;
}
