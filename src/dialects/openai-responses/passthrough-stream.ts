/** Watches a stream that passes unchanged: usage, length, end, and an error that comes first. */
import type { ProviderError } from "../../conversation/error.ts";
import type { Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../../sse/decoder.ts";
import type { PassthroughStream } from "../dialect.ts";
import { decodeErrorEvent, decodeFailedResponse } from "./errors.ts";
import { decodeUsage } from "./usage.ts";

const nothing = new Uint8Array(0);

/** One per answer. Never throws: what it cannot read, it forwards. */
export class PassthroughReader implements PassthroughStream {
  usage: Usage | undefined;
  model: string | undefined;
  outputCharacters = 0;
  complete = false;
  firstError: ProviderError | undefined;
  started = false;
  readonly #sse = new SseDecoder();
  /** An event was too large to be read: from there on bytes only pass. */
  #isBlind = false;

  push(chunk: Uint8Array): Uint8Array {
    if (this.#isBlind) return chunk;
    const hadPending = this.#sse.pending.length > 0;
    try {
      const events = this.#sse.push(chunk);
      for (const event of events) this.#read(event);
      // Most chunks hold whole events: then the chunk itself goes on, without a copy.
      return !hadPending && this.#sse.pending.length === 0 ? chunk : joined(events);
    } catch (error) {
      if (!(error instanceof SseTooLargeError)) throw error;
      this.#isBlind = true;
      this.started = true;
      return this.#sse.pending;
    }
  }

  end(): Uint8Array {
    if (this.#isBlind) return nothing;
    const events = this.#sse.end();
    for (const event of events) this.#read(event);
    return joined(events);
  }

  #read({ event, data }: SseEvent): void {
    if (data === "" || data === "[DONE]") return;
    const value = parse(data);
    if (value === undefined) {
      this.started = true;
      return;
    }
    const response = isObject(value["response"]) ? value["response"] : {};
    if (typeof response["model"] === "string" && response["model"] !== "") this.model ??= response["model"];
    switch (value["type"] ?? event) {
      case "response.created":
      case "response.in_progress":
        // Nothing of the answer yet: an error may still come first of it.
        return;
      case "response.completed":
      case "response.incomplete":
        this.usage = decodeUsage(response["usage"]) ?? this.usage;
        this.complete = true;
        break;
      case "response.failed":
        this.usage = decodeUsage(response["usage"]) ?? this.usage;
        this.#noteError(() => decodeFailedResponse(response));
        break;
      case "error":
        this.#noteError(() => decodeErrorEvent(value));
        break;
      default:
        if (isObject(value["error"])) this.#noteError(() => decodeErrorEvent(value));
        // Text, refusals, thinking, arguments, code: all of them are deltas.
        else if (typeof value["delta"] === "string") this.outputCharacters += value["delta"].length;
    }
    this.started = true;
  }

  #noteError(decode: () => ProviderError): void {
    if (!this.started) this.firstError = decode();
  }
}

/** What cannot be read is passed on all the same. */
function parse(data: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function joined(events: readonly SseEvent[]): Uint8Array {
  const [first] = events;
  if (first === undefined) return nothing;
  if (events.length === 1) return first.raw;
  return Buffer.concat(events.map((event) => event.raw));
}
