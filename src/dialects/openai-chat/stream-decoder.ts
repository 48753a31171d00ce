/**
 * A Chat Completions stream as neutral events.
 *
 * A stream is complete when every choice said why it finished, with or without `[DONE]` behind it, or when the final
 * usage and `[DONE]` came, since vendors forget the one or the other; otherwise it was cut and ends in an error.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
import type { ProviderError } from "../../conversation/error.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import { parseObject } from "../../json/parse-object.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../../sse/decoder.ts";
import type { StreamDecoder } from "../dialect.ts";
import { ChoiceDecoder } from "./choice-decoder.ts";
import { decodeStreamError } from "./errors.ts";
import { PartSequenceError } from "./part-sequence.ts";
import { decodeUsage } from "./usage.ts";

/** Most candidates of one stream; OpenAI takes `n` up to 128. */
const maxCandidates = 128;

/** One per answer. A stream that breaks the rules or a limit ends in an `error` event; nothing is thrown. */
export class OpenAiStreamDecoder implements StreamDecoder {
  readonly #sse = new SseDecoder();
  readonly #choices = new Map<number, ChoiceDecoder>();
  /** Shared with the choices, which add to it; emptied by each push. */
  readonly #out: StreamEvent[] = [];
  #id = "";
  #isStarted = false;
  #hasUsage = false;
  #isOver = false;

  push(chunk: Uint8Array): StreamEvent[] {
    return this.#collect(() => {
      for (const event of this.#sse.push(chunk)) this.#take(event);
    });
  }

  end(): StreamEvent[] {
    return this.#collect(() => {
      for (const event of this.#sse.end()) {
        // What is left of a cut stream is mostly half an event: the cut is the error, not the half.
        const isHalf = parseObject(event.data) === undefined && event.data !== "[DONE]";
        if (!isHalf || event.event === "error") this.#take(event);
      }
      this.#complete();
    });
  }

  #collect(step: () => void): StreamEvent[] {
    try {
      if (!this.#isOver) step();
    } catch (error) {
      if (!(error instanceof PartSequenceError || error instanceof SseTooLargeError)) throw error;
      this.#fail({
        kind: "bad-gateway",
        status: 502,
        message: `The provider's stream is broken: ${error.message}.`,
      });
    }
    return this.#out.splice(0);
  }

  #take(event: SseEvent): void {
    if (this.#isOver) return;
    if (event.data === "") {
      // Comments keep the connection open. Before the start there is nothing to keep.
      if (this.#isStarted) this.#out.push({ kind: "ping" });
      return;
    }
    if (event.data === "[DONE]") {
      this.#complete(this.#hasUsage);
      return;
    }
    const chunk = parseObject(event.data);
    if (chunk === undefined) {
      const message = "The provider's stream holds an event that is not JSON.";
      this.#fail(
        event.event === "error"
          ? decodeStreamError(event.data)
          : { kind: "bad-gateway", status: 502, message },
      );
      return;
    }
    if (event.event === "error" || isError(chunk["error"])) {
      this.#fail(decodeStreamError(chunk));
      return;
    }
    this.#takeChunk(chunk);
  }

  #takeChunk(chunk: JsonObject): void {
    const choices = Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
    const usage = decodeUsage(chunk["usage"]);
    // Azure's first chunk has no choices and no id of its own: it does not start the answer.
    if (choices.length > 0 || usage !== undefined) this.#start(chunk);
    for (const choice of choices) {
      if (isObject(choice)) this.#choice(choice).push(choice, this.#id);
    }
    if (usage === undefined) return;
    this.#out.push({ kind: "usage", usage });
    this.#hasUsage = true;
  }

  #start(chunk: JsonObject): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { id, model, created } = chunk;
    this.#id = typeof id === "string" ? id : "";
    this.#out.push({
      kind: "start",
      id: this.#id,
      model: typeof model === "string" ? model : "",
      ...(typeof created === "number" ? { created } : {}),
    });
  }

  #choice(choice: JsonObject): ChoiceDecoder {
    const index = typeof choice["index"] === "number" ? choice["index"] : 0;
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    if (index < 0 || index >= maxCandidates) throw new PartSequenceError("a choice with an impossible index");
    const fresh = new ChoiceDecoder(index, this.#out);
    this.#choices.set(index, fresh);
    return fresh;
  }

  /** @param isTold the provider itself says that this is the end */
  #complete(isTold = false): void {
    if (this.#isOver) return;
    const choices = [...this.#choices.entries()].sort(([a], [b]) => a - b).map(([, choice]) => choice);
    if (choices.length === 0 || (!isTold && choices.some((choice) => !choice.isFinished))) {
      const message = "The provider's stream ended before the answer was complete.";
      this.#fail({ kind: "bad-gateway", status: 502, message, code: "stream_cut" });
      return;
    }
    for (const choice of choices) choice.complete();
    this.#out.push({ kind: "end" });
    this.#isOver = true;
  }

  #fail(error: ProviderError): void {
    this.#out.push({ kind: "error", error });
    this.#isOver = true;
  }
}

function isError(error: JsonValue | undefined): boolean {
  return isObject(error) || (typeof error === "string" && error !== "");
}
