/** Watches an event stream that passes unchanged: usage, end, and an error that comes first. */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Usage } from "../../conversation/usage.ts";
import { parseDocument } from "../../json/document.ts";
import { parseObject } from "../../json/parse-object.ts";
import type { JsonObject } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import { decodeStreamError, isErrorValue } from "../openai-chat/errors.ts";
import { PassingReader } from "../passing-reader.ts";

/** What an event says of the usage so far; undefined: nothing. */
export type EventUsage = (event: JsonObject, before: Usage | undefined) => Usage | undefined;

/** Pictures come in events of megabytes. */
const largestEventBytes = 32 * 1024 * 1024;
/** Of an event, what is parsed: all but sound and pictures. */
const glanceBytes = 64 * 1024;

export class EventWatch extends PassingReader {
  readonly #usageOf: EventUsage;
  #hasError = false;

  constructor(usageOf: EventUsage) {
    super(largestEventBytes);
    this.#usageOf = usageOf;
  }

  override end(): Uint8Array {
    const rest = super.end();
    // Its last event may have been among those that were not read.
    if (this.isBlind) this.complete = !this.#hasError;
    return rest;
  }

  protected override read(event: SseEvent): true {
    this.#note(event);
    return true;
  }

  #note(event: SseEvent): void {
    const value = glance(event);
    if (value === "nothing") return;
    if (value === "end") {
      this.started = true;
      this.complete = !this.#hasError;
      return;
    }
    const { error, type, model } = value;
    if (isErrorValue(error) || type === "error") {
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
