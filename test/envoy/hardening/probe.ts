/** Asks a Tollgate that was started with `probe.mjs` how it fares. */
import type { RunningTollgate } from "../harness/tollgate.ts";

export interface Vitals {
  /** The longest time that the event loop was held since the last question, in CPU milliseconds. */
  readonly heldMs: number;
  /** V8's heap and the buffers outside of it. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** Beside the rest of Tollgate's environment. */
export const probeEnvironment: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--import ${new URL("./probe.mjs", import.meta.url).href}`,
};

/** @param settled after a garbage collection */
export async function vitals(tollgate: RunningTollgate, settled = false): Promise<Vitals> {
  const announced = await tollgate.log.find((line) => typeof line["probe"] === "number");
  const response = await fetch(`http://127.0.0.1:${announced["probe"]}/${settled ? "settled" : ""}`);
  return (await response.json()) as Vitals;
}
