/**
 * Neutral events as a stream of completions.
 *
 * Source: https://platform.openai.com/docs/api-reference/completions/object (streamed answers have the same shape)
 */
import type { StreamEvent } from "../../conversation/events.ts";
import type { Usage } from "../../conversation/usage.ts";
import { sseData } from "../../sse/encoder.ts";
import type { EncodeContext, StreamEncoder } from "../dialect.ts";
import { encodeErrorBody } from "../openai-chat/errors.ts";
import { encodeUsage } from "../openai-chat/usage.ts";
import { encodeFinishReason } from "./finish-reason.ts";

/** One per answer; relies on the order that `conversation/events.ts` promises. */
export class CompletionsStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  /** The part that is open in each candidate, when it is one that a completion shows. */
  readonly #shown = new Map<number, boolean>();
  /** The beginning of every chunk, up to its choices. */
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
        this.#shown.set(event.candidate, event.part.kind === "text" || event.part.kind === "refusal");
        return "";
      case "delta":
        return this.#shown.get(event.candidate) === true
          ? this.#chunk(event.candidate, event.text, null)
          : "";
      case "part":
      case "signature":
      case "close":
      case "logprobs":
        return "";
      case "finish":
        return this.#chunk(event.candidate, "", encodeFinishReason(event.reason));
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return ": ping\n\n";
      case "error":
        return sseData(encodeErrorBody(event.error));
      case "end":
        return `${this.#usageChunk()}data: [DONE]\n\n`;
      default: {
        const unknown: never = event;
        throw new TypeError(`unknown event: ${JSON.stringify(unknown)}`);
      }
    }
  }

  #chunk(index: number, text: string, reason: string | null): string {
    const choice = { text, index, logprobs: null, finish_reason: reason };
    return `${this.#head}[${JSON.stringify(choice)}]${this.#context.includeUsage ? ',"usage":null' : ""}}\n\n`;
  }

  #usageChunk(): string {
    if (!this.#context.includeUsage || this.#usage === undefined) return "";
    return `${this.#head}[],"usage":${JSON.stringify(encodeUsage(this.#usage))}}\n\n`;
  }

  #formatHead(id: string, created: number | undefined): string {
    const shared = {
      id: id === "" ? `cmpl-${this.#context.newId()}` : id,
      object: "text_completion",
      created: created ?? this.#context.now,
      model: this.#context.model,
    };
    return `data: ${JSON.stringify(shared).slice(0, -1)},"choices":`;
  }
}
