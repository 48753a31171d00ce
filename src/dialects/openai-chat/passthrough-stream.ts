/**
 * A stream that goes to the client as it came. Reads usage and completeness from it, and takes out the usage
 * event that we asked for and the client did not.
 */
import type { ProviderError } from "../../conversation/error.ts";
import type { Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../../sse/decoder.ts";
import type { PassthroughStream } from "../dialect.ts";
import { decodeStreamError } from "./errors.ts";
import { partsText, reasoningText } from "./thinking-blocks.ts";
import { decodeUsage } from "./usage.ts";

const nothing = new Uint8Array(0);

/** One per answer. Never throws: what it cannot read, it forwards. */
export class OpenAiPassthroughStream implements PassthroughStream {
  usage: Usage | undefined;
  model: string | undefined;
  outputCharacters = 0;
  complete = false;
  firstError: ProviderError | undefined;
  started = false;
  readonly #showsUsage: boolean;
  readonly #sse = new SseDecoder();
  #hasFinishReason = false;
  #hasError = false;
  /** An event was too large to be read: from there on bytes only pass. */
  #isBlind = false;

  constructor(includeUsage: boolean) {
    this.#showsUsage = includeUsage;
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.#isBlind) return chunk;
    const hadPending = this.#sse.hasPending;
    try {
      const kept = this.#keep(this.#sse.push(chunk));
      const isWhole = kept.isAll && !hadPending && !this.#sse.hasPending;
      return isWhole ? chunk : joined(kept.pieces);
    } catch (error) {
      if (!(error instanceof SseTooLargeError)) throw error;
      this.#isBlind = true;
      this.started = true;
      return this.#sse.pending;
    }
  }

  end(): Uint8Array {
    if (this.#isBlind) return nothing;
    const { pieces } = this.#keep(this.#sse.end());
    if (this.#hasFinishReason && !this.#hasError) this.complete = true;
    return joined(pieces);
  }

  #keep(events: readonly SseEvent[]): { pieces: Uint8Array[]; isAll: boolean } {
    const pieces = events.filter((event) => this.#read(event)).map((event) => event.raw);
    return { pieces, isAll: pieces.length === events.length };
  }

  /** Whether the client shall see the event. */
  #read(event: SseEvent): boolean {
    if (event.data === "") return true;
    if (event.data === "[DONE]") {
      this.started = true;
      this.complete = !this.#hasError;
      return true;
    }
    const chunk = parse(event.data);
    const choices = Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
    const isError = event.event === "error" || isErrorValue(chunk["error"]);
    if (isError) {
      this.#hasError = true;
      if (!this.started) this.firstError = decodeStreamError(chunk);
    }
    // Azure's first chunk has an empty list of choices: an error may still come first of the answer itself.
    const isBeforeAnswer = Array.isArray(chunk["choices"]) && choices.length === 0 && !isError;
    if (!isBeforeAnswer) this.started = true;
    if (typeof chunk["model"] === "string" && chunk["model"] !== "") this.model ??= chunk["model"];
    for (const choice of choices) this.#readChoice(choice);
    if (!isObject(chunk["usage"])) return true;
    this.usage = decodeUsage(chunk["usage"]) ?? this.usage;
    return this.#showsUsage || choices.length > 0;
  }

  #readChoice(choice: JsonValue): void {
    if (!isObject(choice)) return;
    if (typeof choice["finish_reason"] === "string") this.#hasFinishReason = true;
    if (isObject(choice["delta"])) this.outputCharacters += charactersOf(choice["delta"]);
    // Legacy completions have no delta around their text.
    else if (typeof choice["text"] === "string") this.outputCharacters += choice["text"].length;
  }
}

function charactersOf(delta: JsonObject): number {
  const { content, refusal, tool_calls: calls } = delta;
  let characters = reasoningText(delta).length + partsText(content).length;
  if (typeof refusal === "string") characters += refusal.length;
  for (const call of Array.isArray(calls) ? calls : []) {
    const called = isObject(call) ? call["function"] : undefined;
    if (!isObject(called)) continue;
    if (typeof called["arguments"] === "string") characters += called["arguments"].length;
    if (typeof called["name"] === "string") characters += called["name"].length;
  }
  return characters;
}

/** What cannot be read is passed on all the same. */
function parse(data: string): JsonObject {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isErrorValue(error: JsonValue | undefined): boolean {
  return isObject(error) || (typeof error === "string" && error !== "");
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (first === undefined) return nothing;
  return pieces.length === 1 ? first : Buffer.concat(pieces);
}
