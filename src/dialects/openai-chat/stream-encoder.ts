/**
 * Neutral events as a Chat Completions stream, in the order that api.openai.com has: the role in a choice's
 * first delta, its content, its finish reason, the usage if asked for, `[DONE]`.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
import type { StreamEvent } from "../../conversation/events.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { EncodeContext, StreamEncoder } from "../dialect.ts";
import type { Seal } from "../seal.ts";
import { ChoiceEncoder } from "./choice-encoder.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { encodeFinishReason } from "./finish-reason.ts";

/** One per answer; relies on the order that `conversation/events.ts` promises. */
export class OpenAiStreamEncoder implements StreamEncoder {
  readonly #seal: Seal;
  readonly #writer: ChunkWriter;
  readonly #choices = new Map<number, ChoiceEncoder>();

  constructor(context: EncodeContext) {
    this.#seal = context.seal;
    this.#writer = new ChunkWriter(context, { object: "chat.completion.chunk", idPrefix: "chatcmpl-" });
  }

  push(event: StreamEvent): string {
    switch (event.kind) {
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
      default:
        return this.#writer.push(event);
    }
  }

  #choice(candidate: number): ChoiceEncoder {
    const known = this.#choices.get(candidate) ?? new ChoiceEncoder(this.#seal);
    this.#choices.set(candidate, known);
    return known;
  }

  #chunks(candidate: number, deltas: readonly JsonObject[]): string {
    return deltas.map((delta) => this.#chunk(candidate, delta, null, null)).join("");
  }

  #chunk(candidate: number, delta: JsonObject, logprobs: JsonValue, reason: string | null): string {
    return this.#writer.choice({ index: candidate, delta, logprobs, finish_reason: reason });
  }
}
