/**
 * Watches a stream that passes unchanged, or its events' data for a client that asked for an array: usage, length, end,
 * and an error that comes first.
 */
import { isObject, type JsonObject } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import { PassingReader } from "../passing-reader.ts";
import { blockedPrompt } from "./decode-answer.ts";
import { decodeStreamError } from "./errors.ts";
import { parseEventData } from "./event-data.ts";
import type { PassingArray } from "./passing-array.ts";
import { readPart } from "./read-part.ts";
import { decodeUsage } from "./usage.ts";

export class GeminiPassthroughStream extends PassingReader {
  readonly #array: PassingArray | undefined;
  /** Candidates by index, and whether they have finished. */
  readonly #finished = new Map<number, boolean>();
  #isBlocked = false;
  #hasError = false;

  /** @param array puts the events' data into the form that the client asked for; without it, events pass as they came */
  constructor(array?: PassingArray) {
    super();
    this.#array = array;
  }

  override push(chunk: Uint8Array): Uint8Array {
    const bytes = super.push(chunk);
    return this.#array === undefined ? bytes : this.#array.push(bytes);
  }

  override end(): Uint8Array {
    const rest = super.end();
    if (this.#array === undefined) return rest;
    const elements = this.#array.push(rest);
    // A cut answer's array stays open: that is how its reader learns of the cut. What was not read is taken for whole.
    const isEnded = this.complete || this.#hasError || this.isBlind;
    return isEnded ? Buffer.concat([elements, this.#array.end()]) : elements;
  }

  protected override read(event: SseEvent): true {
    this.#note(event);
    // Nothing marks the end of the stream, so it is complete when all candidates are.
    const areFinished = this.#finished.size > 0 && [...this.#finished.values()].every(Boolean);
    this.complete = !this.#hasError && (this.#isBlocked || areFinished);
    return true;
  }

  #note({ data }: SseEvent): void {
    const value = data === "" ? undefined : parseEventData(data);
    if (value === undefined) return;
    const isFirst = !this.started;
    this.started = true;
    if (isObject(value["error"])) {
      this.#hasError = true;
      if (isFirst) this.firstError = decodeStreamError(value);
      return;
    }
    if (typeof value["modelVersion"] === "string") this.model ??= value["modelVersion"];
    this.usage = decodeUsage(value["usageMetadata"]) ?? this.usage;
    this.#isBlocked ||= blockedPrompt(value["promptFeedback"]) !== undefined;
    for (const candidate of Array.isArray(value["candidates"]) ? value["candidates"] : []) {
      if (isObject(candidate)) this.#readCandidate(candidate);
    }
  }

  #readCandidate(candidate: JsonObject): void {
    const index = typeof candidate["index"] === "number" ? candidate["index"] : 0;
    const isFinished = typeof candidate["finishReason"] === "string" && candidate["finishReason"] !== "";
    this.#finished.set(index, isFinished || this.#finished.get(index) === true);
    const content = isObject(candidate["content"]) ? candidate["content"] : {};
    for (const part of Array.isArray(content["parts"]) ? content["parts"] : []) {
      if (isObject(part)) this.outputCharacters += charactersOf(part);
    }
  }
}

function charactersOf(part: JsonObject): number {
  const read = readPart(part);
  if (read.kind === "text") return read.text.length;
  return read.kind === "call" ? read.name.length + read.arguments.length : 0;
}
