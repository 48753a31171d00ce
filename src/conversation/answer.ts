/** A model's answer in neutral form, whole. Its streamed counterpart is in `events.ts`. */
import type { JsonValue } from "../json/types.ts";
import type { DialectName, Part } from "./parts.ts";
import type { Usage } from "./usage.ts";

/** Why the model stopped. */
export type FinishReason =
  /** It had said what it wanted, or met a stop sequence (`Candidate.stopSequence`). */
  | "stop"
  /** `maxOutputTokens` was reached. */
  | "length"
  /** The context window was full. */
  | "context"
  | "tool-calls"
  /** The model or a filter of the provider refused. */
  | "refusal"
  /** A long turn was paused and can be continued (Anthropic `pause_turn`). */
  | "pause";

export interface Candidate {
  readonly parts: readonly Part[];
  readonly finish: FinishReason;
  readonly stopSequence?: string;
  /** OpenAI's `logprobs` object, verbatim; lost in other dialects. */
  readonly logprobs?: JsonValue;
}

export interface Answer {
  /** The provider's id, without conversion. */
  readonly id: string;
  /** The model that the provider says it used. */
  readonly model: string;
  /** Unix seconds, when the provider says. */
  readonly created?: number;
  /** At least one; more only when the request asked for them. */
  readonly candidates: readonly Candidate[];
  readonly usage: Usage;
  readonly serviceTier?: string;
  readonly dialect: DialectName;
}
