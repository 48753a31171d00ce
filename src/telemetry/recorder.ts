/** Hands each finished exchange to everyone who keeps an account of it. */
import type { ExchangeRecord, Recorder } from "./record.ts";

/**
 * A recorder that never throws: what one of the recorders does wrong is told to `failed`, and the others still
 * get their record.
 */
export function fanOut(recorders: readonly Recorder[], failed: (error: unknown) => void): Recorder {
  return {
    record(exchange: ExchangeRecord): void {
      for (const recorder of recorders) {
        try {
          recorder.record(exchange);
        } catch (error) {
          failed(error);
        }
      }
    },
  };
}
