/** Load in closed loops: each connection sends its next call when its last was answered. */
import { exchange, type Wire } from "./exchange.ts";
import type { Call } from "./rows.ts";

export interface Batch {
  /** Exchanges that were begun and ended, errors included. */
  readonly requests: number;
  readonly errors: number;
  /** What was wrong with the first wrong one. */
  readonly firstError: string | undefined;
}

export interface BatchSettings {
  readonly wire: Wire;
  readonly call: Call;
  readonly connections: number;
  readonly requests: number;
  /** Between the starts of two connections, so that their streams do not tick together. Milliseconds. */
  readonly staggerMs: number;
  /** No call is begun after this. Milliseconds. */
  readonly limitMs: number;
}

/** Settles when every call that was begun has ended; never rejects. */
export async function runBatch(settings: BatchSettings): Promise<Batch> {
  const deadline = performance.now() + settings.limitMs;
  let begun = 0;
  let ended = 0;
  let errors = 0;
  let firstError: string | undefined;
  const connection = async (index: number): Promise<void> => {
    if (settings.staggerMs > 0) await pause(index * settings.staggerMs);
    while (begun < settings.requests && performance.now() < deadline) {
      begun += 1;
      const wrong = await exchange(settings.wire, settings.call);
      ended += 1;
      if (wrong === undefined) continue;
      errors += 1;
      firstError ??= wrong;
    }
  };
  await Promise.all(Array.from({ length: settings.connections }, (_, index) => connection(index)));
  return { requests: ended, errors, firstError };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
