/**
 * Neutral events as a stream of completions.
 *
 * Source: https://platform.openai.com/docs/api-reference/completions/object (streamed answers have the same shape)
 */
import type { StreamEvent } from "../../conversation/events.ts";
import type { EncodeContext, StreamEncoder } from "../dialect.ts";
import { ChunkWriter } from "../openai-chat/chunk-writer.ts";
import { encodeFinishReason } from "./finish-reason.ts";

/** One per answer; relies on the order that `conversation/events.ts` promises. */
export class CompletionsStreamEncoder implements StreamEncoder {
  readonly #writer: ChunkWriter;
  /** Whether the part that is open in a candidate is one that a completion shows. */
  readonly #shown = new Map<number, boolean>();

  constructor(context: EncodeContext) {
    this.#writer = new ChunkWriter(context, { object: "text_completion", idPrefix: "cmpl-" });
  }

  push(event: StreamEvent): string {
    switch (event.kind) {
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
      default:
        return this.#writer.push(event);
    }
  }

  #chunk(index: number, text: string, reason: string | null): string {
    return this.#writer.choice({ text, index, logprobs: null, finish_reason: reason });
  }
}
