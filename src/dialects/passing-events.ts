/** The bytes of a stream that goes on as it came, and its events for whoever watches. */
import { SseDecoder, type SseEvent, SseTooLargeError } from "../sse/decoder.ts";

const nothing = new Uint8Array(0);

/** Incomplete events are held back until they are whole. */
export class PassingEvents {
  readonly #sse: SseDecoder;
  readonly #read: (event: SseEvent) => void;
  readonly #onBlind: () => void;
  /** An event was too large to be read: from there on bytes only pass. */
  #isBlind = false;

  /**
   * @param onBlind called when nothing more will be read
   * @param limitBytes the largest event that is read; the decoder's own limit unless given
   */
  constructor(read: (event: SseEvent) => void, onBlind: () => void, limitBytes?: number) {
    this.#sse = new SseDecoder(limitBytes);
    this.#read = read;
    this.#onBlind = onBlind;
  }

  /** The bytes to forward. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#isBlind) return chunk;
    const wasEmpty = !this.#sse.hasPending;
    try {
      const events = this.#sse.push(chunk);
      for (const event of events) this.#read(event);
      // Most chunks hold whole events: then the chunk itself goes on, without a copy.
      return wasEmpty && !this.#sse.hasPending ? chunk : joined(events);
    } catch (error) {
      if (!(error instanceof SseTooLargeError)) throw error;
      this.#isBlind = true;
      this.#onBlind();
      return this.#sse.pending;
    }
  }

  /** The bytes still held. */
  end(): Uint8Array {
    if (this.#isBlind) return nothing;
    const events = this.#sse.end();
    for (const event of events) this.#read(event);
    return joined(events);
  }
}

function joined(events: readonly SseEvent[]): Uint8Array {
  const [first] = events;
  if (first === undefined) return nothing;
  if (events.length === 1) return first.raw;
  return Buffer.concat(events.map((event) => event.raw));
}
