/**
 * A model's answer in neutral form, as it streams.
 *
 * The order is strict, and decoders guarantee it whatever the provider sent: `start` first and once; for each
 * candidate, parts in index order 0, 1, 2, …, one open at a time, `open` before its deltas and `close` after;
 * then `finish` per candidate; `usage` any number of times, each replacing the last; `end` or `error` last and
 * once. Encoders rely on it. A stream cut by the provider ends in `error`, never in a clean `end`.
 */
import type { JsonValue } from "../json/types.ts";
import type { FinishReason } from "./answer.ts";
import type { ProviderError } from "./error.ts";
import type { DialectName, Part, TextPart } from "./parts.ts";
import type { Usage } from "./usage.ts";

/** The beginning of a streamed part; its content follows in deltas. */
export type OpenPart =
  | { readonly kind: "text" }
  | { readonly kind: "refusal" }
  | { readonly kind: "reasoning"; readonly origin: DialectName }
  | { readonly kind: "tool-call"; readonly id: string; readonly name: string };

export type StreamEvent =
  | { readonly kind: "start"; readonly id: string; readonly model: string; readonly created?: number }
  | { readonly kind: "open"; readonly candidate: number; readonly index: number; readonly part: OpenPart }
  /** Text of the open part: prose, thinking, refusal, or a piece of the arguments' JSON text. */
  | { readonly kind: "delta"; readonly candidate: number; readonly index: number; readonly text: string }
  /** Completes the signature of the open reasoning part. */
  | {
      readonly kind: "signature";
      readonly candidate: number;
      readonly index: number;
      readonly signature: string;
    }
  /** `annotations`: the citations of the text part that closes, complete. */
  | {
      readonly kind: "close";
      readonly candidate: number;
      readonly index: number;
      readonly annotations?: NonNullable<TextPart["annotations"]>;
    }
  /** A part that comes in one piece (redacted thinking, foreign parts); opens and closes by itself. */
  | { readonly kind: "part"; readonly candidate: number; readonly index: number; readonly part: Part }
  /** OpenAI logprobs for the last delta, verbatim. */
  | { readonly kind: "logprobs"; readonly candidate: number; readonly value: JsonValue }
  | {
      readonly kind: "finish";
      readonly candidate: number;
      readonly reason: FinishReason;
      readonly stopSequence?: string;
    }
  | { readonly kind: "usage"; readonly usage: Usage }
  /** A keep-alive of the provider. */
  | { readonly kind: "ping" }
  | { readonly kind: "error"; readonly error: ProviderError }
  | { readonly kind: "end" };
