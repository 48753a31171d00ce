/**
 * An event stream of Gemini, to neutral events.
 *
 * A stream is complete when every candidate said why it finished, or the prompt was blocked; there is no other mark
 * of its end. Without it the stream was cut, and ends in an error.
 *
 * Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
import type { ProviderError } from "../../conversation/error.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../../sse/decoder.ts";
import type { StreamDecoder } from "../dialect.ts";
import { BrokenStreamError, CandidateDecoder } from "./candidate-decoder.ts";
import { blockedPrompt } from "./decode-answer.ts";
import { decodeStreamError } from "./errors.ts";
import { parseEventData } from "./event-data.ts";
import { decodeUsage } from "./usage.ts";

/** Most candidates of one stream. */
const maxCandidates = 64;

/** One per answer. A stream that breaks the rules or a limit ends in an `error` event; nothing is thrown. */
export class GeminiStreamDecoder implements StreamDecoder {
  readonly #sse = new SseDecoder();
  readonly #candidates = new Map<number, CandidateDecoder>();
  /** Shared with the candidates, which add to it; emptied by each push. */
  readonly #out: StreamEvent[] = [];
  #id = "";
  #isStarted = false;
  #isBlocked = false;
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
        if (parseEventData(event.data) !== undefined) this.#take(event);
      }
      if (!this.#isOver) this.#complete();
    });
  }

  #collect(step: () => void): StreamEvent[] {
    try {
      if (!this.#isOver) step();
    } catch (error) {
      if (!(error instanceof BrokenStreamError || error instanceof SseTooLargeError)) throw error;
      this.#fail(broken(`the provider's stream is broken: ${error.message}`));
    }
    return this.#out.splice(0);
  }

  #take(event: SseEvent): void {
    if (this.#isOver) return;
    if (event.data === "") {
      if (this.#isStarted) this.#out.push({ kind: "ping" });
      return;
    }
    const chunk = parseEventData(event.data);
    if (chunk === undefined) this.#fail(broken("the provider's stream holds an event that is no JSON"));
    else if (isObject(chunk["error"])) this.#fail(decodeStreamError(chunk));
    else this.#takeChunk(chunk);
  }

  #takeChunk(chunk: JsonObject): void {
    this.#start(chunk);
    const { candidates, promptFeedback, usageMetadata } = chunk;
    for (const piece of Array.isArray(candidates) ? candidates : []) {
      if (isObject(piece)) this.#candidate(piece).push(piece, this.#id);
    }
    const blocked = this.#candidates.size === 0 ? blockedPrompt(promptFeedback) : undefined;
    const part = blocked?.parts[0];
    if (part !== undefined && !this.#isBlocked) {
      this.#isBlocked = true;
      this.#out.push({ kind: "part", candidate: 0, index: 0, part });
      this.#out.push({ kind: "finish", candidate: 0, reason: "refusal" });
    }
    const usage = decodeUsage(usageMetadata);
    if (usage !== undefined) this.#out.push({ kind: "usage", usage });
  }

  #start({ responseId, modelVersion }: JsonObject): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#id = typeof responseId === "string" ? responseId : "";
    const model = typeof modelVersion === "string" ? modelVersion : "";
    this.#out.push({ kind: "start", id: this.#id, model });
  }

  #candidate(piece: JsonObject): CandidateDecoder {
    const index = typeof piece["index"] === "number" ? piece["index"] : 0;
    const known = this.#candidates.get(index);
    if (known !== undefined) return known;
    if (this.#isBlocked) throw new BrokenStreamError("an answer to a prompt that was blocked");
    if (!Number.isInteger(index) || index < 0 || index >= maxCandidates)
      throw new BrokenStreamError("a candidate with an impossible index");
    const fresh = new CandidateDecoder(index, this.#out);
    this.#candidates.set(index, fresh);
    return fresh;
  }

  #complete(): void {
    const candidates = [...this.#candidates.entries()].sort(([a], [b]) => a - b).map(([, one]) => one);
    const isWhole = candidates.length > 0 && candidates.every((candidate) => candidate.isFinished);
    if (!isWhole && !this.#isBlocked) {
      const cut = broken("the provider's stream ended before the answer was complete");
      this.#fail({ ...cut, code: "stream_cut" });
      return;
    }
    for (const candidate of candidates) candidate.complete();
    this.#out.push({ kind: "end" });
    this.#isOver = true;
  }

  #fail(error: ProviderError): void {
    this.#out.push({ kind: "error", error });
    this.#isOver = true;
  }
}

function broken(message: string): ProviderError {
  return { kind: "bad-gateway", status: 502, message };
}
