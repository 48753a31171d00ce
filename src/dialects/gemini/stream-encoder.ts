/**
 * Neutral events, to a stream of Gemini: every piece is a part of the answer in the whole answer's form. Calls come in
 * one piece, so a call goes out when its arguments are complete.
 *
 * Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
import type { ProviderError } from "../../conversation/error.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import { noUsage, type Usage } from "../../conversation/usage.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext, StreamEncoder } from "../dialect.ts";
import { CandidateEncoder } from "./candidate-encoder.ts";
import { encodeErrorBody } from "./errors.ts";
import { type Framing, framingFor } from "./framing.ts";
import { encodeUsage } from "./usage.ts";

/** One per answer; relies on the order that `conversation/events.ts` promises. */
export class GeminiStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  readonly #framing: Framing;
  readonly #candidates = new Map<number, CandidateEncoder>();
  #usage: Usage = noUsage;
  #id = "";
  /** The end of every piece but the last. Printed once. */
  #tail = "";

  constructor(context: EncodeContext) {
    this.#context = context;
    this.#framing = framingFor(context.path);
  }

  push(event: StreamEvent): string {
    switch (event.kind) {
      case "start":
        this.#start(event.id);
        return "";
      case "open":
      case "delta":
      case "signature":
      case "close":
      case "part":
        return this.#pieces(event.candidate, this.#candidate(event.candidate).push(event));
      case "logprobs":
        this.#candidate(event.candidate).logprobs(event.value);
        return "";
      case "finish":
        // Goes out with the last piece, which also has the usage.
        this.#candidate(event.candidate).finish(event.reason);
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        // Google's SDKs take every block for a piece, so there is none to keep the connection open with.
        return "";
      case "error":
        return this.#error(event.error);
      case "end":
        return this.#end();
      default: {
        const never: never = event;
        return never;
      }
    }
  }

  #start(id: string): void {
    this.#id = id === "" ? this.#context.newId() : id;
    this.#tail = `,${JSON.stringify(this.#identity()).slice(1)}`;
  }

  #identity(): JsonObject {
    return { modelVersion: this.#context.model, responseId: this.#id };
  }

  #candidate(index: number): CandidateEncoder {
    const known = this.#candidates.get(index) ?? new CandidateEncoder(this.#context.seal);
    this.#candidates.set(index, known);
    return known;
  }

  #pieces(index: number, parts: readonly JsonObject[]): string {
    return parts.map((part) => this.#piece(index, part)).join("");
  }

  #piece(index: number, part: JsonObject): string {
    const logprobsResult = this.#candidate(index).takeLogprobs();
    const candidate = {
      content: { parts: [part], role: "model" },
      index,
      ...(logprobsResult !== undefined && { logprobsResult }),
    };
    return this.#framing.piece(`{"candidates":[${JSON.stringify(candidate)}]${this.#tail}`);
  }

  /** A stream that the provider did not end itself is not ended here either. */
  #error(error: ProviderError): string {
    const held = [...this.#candidates].map(([index, candidate]) => this.#pieces(index, candidate.rest()));
    const piece = this.#framing.piece(JSON.stringify(encodeErrorBody(error)));
    return held.join("") + piece + (error.kind === "bad-gateway" ? "" : this.#framing.end());
  }

  /** The last piece says why each candidate finished; an answer has one even when it says nothing. */
  #end(): string {
    if (this.#candidates.size === 0) this.#candidate(0);
    const candidates = [...this.#candidates.entries()]
      .sort(([a], [b]) => a - b)
      .map(([index, candidate]) => {
        const logprobsResult = candidate.takeLogprobs();
        return {
          content: { parts: [{ text: "" }], role: "model" },
          ...candidate.ending,
          index,
          ...(logprobsResult !== undefined && { logprobsResult }),
        };
      });
    const last = { candidates, usageMetadata: encodeUsage(this.#usage), ...this.#identity() };
    return this.#framing.piece(JSON.stringify(last)) + this.#framing.end();
  }
}
