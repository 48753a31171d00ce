/**
 * Neutral events as a Chat Completions stream, in the order that api.openai.com has: the role in a choice's
 * first delta, its content, its finish reason, the usage if asked for, `[DONE]`.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
import type { StreamEvent } from "../../conversation/events.ts";
import type { Usage } from "../../conversation/usage.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { sseData } from "../../sse/encoder.ts";
import type { EncodeContext, StreamEncoder } from "../dialect.ts";
import { ChoiceEncoder } from "./choice-encoder.ts";
import { encodeErrorBody } from "./errors.ts";
import { encodeFinishReason } from "./finish-reason.ts";
import { encodeUsage } from "./usage.ts";

/** One per answer; relies on the order that `conversation/events.ts` promises. */
export class OpenAiStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  readonly #choices = new Map<number, ChoiceEncoder>();
  /** The beginning of every chunk, up to its choices. Printed once: it is most of a chunk. */
  #head = "";
  #usage: Usage | undefined;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  push(event: StreamEvent): string {
    switch (event.kind) {
      case "start":
        this.#head = this.#formatHead(event.id, event.created);
        return "";
      case "open":
      case "delta":
      case "signature":
      case "close":
      case "part":
        return this.#chunks(event.candidate, this.#choice(event.candidate).push(event));
      case "logprobs":
        return this.#chunk(event.candidate, {}, event.value, null);
      case "finish": {
        const choice = this.#choice(event.candidate);
        const reason = encodeFinishReason(event.reason, choice);
        const last = [...choice.role(), ...choice.finish()];
        return this.#chunks(event.candidate, last) + this.#chunk(event.candidate, {}, null, reason);
      }
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return ": ping\n\n";
      case "error":
        // Neither a finish reason nor [DONE] follows: the SDKs throw, and nothing looks complete.
        return sseData(encodeErrorBody(event.error));
      case "end":
        return `${this.#usageChunk()}data: [DONE]\n\n`;
      default: {
        const unknown: never = event;
        throw new TypeError(`unknown event: ${JSON.stringify(unknown)}`);
      }
    }
  }

  #choice(candidate: number): ChoiceEncoder {
    const known = this.#choices.get(candidate) ?? new ChoiceEncoder(this.#context.seal);
    this.#choices.set(candidate, known);
    return known;
  }

  #chunks(candidate: number, deltas: readonly JsonObject[]): string {
    return deltas.map((delta) => this.#chunk(candidate, delta, null, null)).join("");
  }

  #chunk(candidate: number, delta: JsonObject, logprobs: JsonValue, reason: string | null): string {
    const choice = { index: candidate, delta, logprobs, finish_reason: reason };
    // OpenAI shows an empty usage in every chunk when it was asked for.
    return `${this.#head}[${JSON.stringify(choice)}]${this.#context.includeUsage ? ',"usage":null' : ""}}\n\n`;
  }

  #usageChunk(): string {
    if (!this.#context.includeUsage || this.#usage === undefined) return "";
    return `${this.#head}[],"usage":${JSON.stringify(encodeUsage(this.#usage))}}\n\n`;
  }

  #formatHead(id: string, created: number | undefined): string {
    const shared = {
      id: id === "" ? `chatcmpl-${this.#context.newId()}` : id,
      object: "chat.completion.chunk",
      created: created ?? this.#context.now,
      model: this.#context.model,
    };
    return `data: ${JSON.stringify(shared).slice(0, -1)},"choices":`;
  }
}
