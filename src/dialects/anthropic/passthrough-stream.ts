/** Watches a stream that passes unchanged: usage, length, end, and an error that comes first. */
import type { ProviderError } from "../../conversation/error.ts";
import type { Usage } from "../../conversation/usage.ts";
import type { JsonObject } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../../sse/decoder.ts";
import type { PassthroughStream } from "../dialect.ts";
import { decodeErrorEvent } from "./errors.ts";
import { UsageTally } from "./usage.ts";

export class PassthroughReader implements PassthroughStream {
  readonly #sse = new SseDecoder();
  readonly #tally = new UsageTally();
  outputCharacters = 0;
  complete = false;
  started = false;
  model: string | undefined;
  firstError: ProviderError | undefined;
  /** An event was too large to be read: from there on bytes only pass. */
  #isBlind = false;

  get usage(): Usage | undefined {
    return this.#tally.usage;
  }

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
      this.started = true;
      return this.#sse.pending;
    }
  }

  end(): Uint8Array {
    if (this.#isBlind) return new Uint8Array(0);
    const events = this.#sse.end();
    for (const event of events) this.#read(event);
    return joined(events);
  }

  #read(event: SseEvent): void {
    const { data } = event;
    if (data === "" || event.event === "ping") return;
    const value = parsed(data);
    if (value === undefined) return;
    const isFirst = !this.started;
    this.started = true;
    switch (value["type"]) {
      case "content_block_delta":
        if (isObject(value["delta"])) this.#count(value["delta"]);
        return;
      case "message_start":
        if (isObject(value["message"])) this.#begin(value["message"]);
        return;
      case "message_delta":
        this.#tally.add(value["usage"]);
        return;
      case "message_stop":
        this.complete = true;
        return;
      case "error":
        if (isFirst) this.firstError = decodeErrorEvent(value);
        return;
      default:
        return;
    }
  }

  #begin(message: JsonObject): void {
    this.#tally.add(message["usage"]);
    if (typeof message["model"] === "string") this.model = message["model"];
  }

  #count(delta: JsonObject): void {
    for (const name of ["text", "thinking", "partial_json"]) {
      const text = delta[name];
      if (typeof text === "string") this.outputCharacters += text.length;
    }
  }
}

function parsed(data: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    // Not for us to judge: the client gets what the provider sent.
    return undefined;
  }
}

function joined(events: readonly SseEvent[]): Uint8Array {
  const [first] = events;
  if (first === undefined) return new Uint8Array(0);
  if (events.length === 1) return first.raw;
  return Buffer.concat(events.map((event) => event.raw));
}
