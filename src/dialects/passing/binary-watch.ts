/** Watches a binary answer that passes unchanged. It tells nothing but that it came, and ended. */
import type { PassthroughStream } from "../dialect.ts";

const nothing = new Uint8Array(0);

/** One per answer. */
export class BinaryWatch implements PassthroughStream {
  readonly usage = undefined;
  readonly model = undefined;
  readonly firstError = undefined;
  outputCharacters = 0;
  /** Envoy tells an end from a break: after a break it never gets to the end. */
  complete = false;
  started = false;

  push(chunk: Uint8Array): Uint8Array {
    this.started = true;
    this.outputCharacters += chunk.length;
    return chunk;
  }

  end(): Uint8Array {
    this.complete = true;
    return nothing;
  }
}
