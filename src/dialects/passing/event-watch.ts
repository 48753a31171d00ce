/** Watches an event stream that passes unchanged: usage, end, and an error that comes first. */
import { InvalidRequestError, type ProviderError } from "../../conversation/error.ts";
import type { Usage } from "../../conversation/usage.ts";
import { parseDocument } from "../../json/document.ts";
import { parseObject } from "../../json/parse-object.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import type { PassthroughStream } from "../dialect.ts";
import { decodeStreamError } from "../openai-chat/errors.ts";
import { PassingEvents } from "../passing-events.ts";

/** What an event says of the usage so far; undefined: nothing. */
export type EventUsage = (event: JsonObject, before: Usage | undefined) => Usage | undefined;

/** Pictures come in events of megabytes. */
const largestEventBytes = 32 * 1024 * 1024;
/** Of an event, what is parsed: all but sound and pictures. */
const glanceBytes = 64 * 1024;

/** One per answer. Never throws: what it cannot read, it forwards. */
export class EventWatch implements PassthroughStream {
  usage: Usage | undefined;
  model: string | undefined;
  outputCharacters = 0;
  complete = false;
  firstError: ProviderError | undefined;
  started = false;
  readonly #usageOf: EventUsage;
  readonly #events: PassingEvents;
  #hasError = false;
  #isBlind = false;

  constructor(usageOf: EventUsage) {
    this.#usageOf = usageOf;
    this.#events = new PassingEvents(
      (event) => this.#read(event),
      () => {
        this.started = true;
        this.#isBlind = true;
      },
      largestEventBytes,
    );
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#events.push(chunk);
  }

  end(): Uint8Array {
    const rest = this.#events.end();
    // Its last event may have been among those that were not read.
    if (this.#isBlind) this.complete = !this.#hasError;
    return rest;
  }

  #read(event: SseEvent): void {
    const value = glance(event);
    if (value === "nothing") return;
    if (value === "end") {
      this.started = true;
      this.complete = !this.#hasError;
      return;
    }
    const { error, type, model } = value;
    if (isObject(error) || (typeof error === "string" && error !== "") || type === "error") {
      if (!this.started) this.firstError = decodeStreamError(value);
      this.#hasError = true;
    }
    this.started = true;
    this.outputCharacters += event.raw.length;
    if (typeof model === "string" && model !== "") this.model ??= model;
    this.usage = this.#usageOf(value, this.usage) ?? this.usage;
    // `image_generation.completed`, `speech.audio.done`, `transcript.text.done`; nothing of the kind follows them.
    this.complete = !this.#hasError && typeof type === "string" && /\.(?:completed|done)$/.test(type);
  }
}

/** What of an event is small enough to be read here; `nothing`: a comment, which is only there to keep the line open. */
function glance(event: SseEvent): JsonObject | "nothing" | "end" {
  if (event.raw.length <= glanceBytes) {
    if (event.data === "") return "nothing";
    return event.data === "[DONE]" ? "end" : (parseObject(event.data) ?? {});
  }
  const bytes = Buffer.from(event.raw.buffer, event.raw.byteOffset, event.raw.byteLength);
  const field = /(?:^|\n)data: ?/.exec(bytes.toString("latin1", 0, 1024));
  if (field === null) return {};
  try {
    return parseDocument(bytes.subarray(field.index + field[0].length)).glance(glanceBytes);
  } catch (error) {
    if (error instanceof InvalidRequestError) return {};
    throw error;
  }
}
