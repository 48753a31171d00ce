/** A stream that goes on as it came, and what is read of it on its way. */
import type { ProviderError } from "../conversation/error.ts";
import type { Usage } from "../conversation/usage.ts";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../sse/decoder.ts";
import type { PassthroughStream } from "./dialect.ts";

const nothing = new Uint8Array(0);

/** One per answer. Never throws: what it cannot read, it forwards. Incomplete events are held back until they are whole. */
export abstract class PassingReader implements PassthroughStream {
  usage: Usage | undefined;
  model: string | undefined;
  outputCharacters = 0;
  complete = false;
  firstError: ProviderError | undefined;
  started = false;
  /** An event was too large to be read: from there on bytes only pass. */
  protected isBlind = false;
  readonly #sse: SseDecoder;

  /** @param limitBytes the largest event that is read; the decoder's own limit unless given */
  constructor(limitBytes?: number) {
    this.#sse = new SseDecoder(limitBytes);
  }

  /** @returns whether the client shall see the event */
  protected abstract read(event: SseEvent): boolean;

  push(chunk: Uint8Array): Uint8Array {
    if (this.isBlind) return chunk;
    const wasEmpty = !this.#sse.hasPending;
    try {
      const events = this.#sse.push(chunk);
      const shown = events.filter((event) => this.read(event));
      // Most chunks hold whole events: then the chunk itself goes on, without a copy.
      const isWhole = wasEmpty && !this.#sse.hasPending && shown.length === events.length;
      return isWhole ? chunk : joined(shown);
    } catch (error) {
      if (!(error instanceof SseTooLargeError)) throw error;
      this.isBlind = true;
      this.started = true;
      return this.#sse.pending;
    }
  }

  end(): Uint8Array {
    if (this.isBlind) return nothing;
    return joined(this.#sse.end().filter((event) => this.read(event)));
  }
}

function joined(events: readonly SseEvent[]): Uint8Array {
  const [first] = events;
  if (first === undefined) return nothing;
  if (events.length === 1) return first.raw;
  return Buffer.concat(events.map((event) => event.raw));
}
