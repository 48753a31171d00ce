/**
 * Why the model stopped: Anthropic's `stop_reason` and the neutral reason.
 *
 * Source: https://docs.anthropic.com/en/api/handling-stop-reasons
 */
import type { FinishReason } from "../../conversation/answer.ts";

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

/** @param stopReason as it came; reasons that are not known yet count as a normal end */
export function decodeFinishReason(stopReason: string): FinishReason {
  switch (stopReason) {
    case "max_tokens":
      return "length";
    case "tool_use":
      return "tool-calls";
    case "pause_turn":
      return "pause";
    case "refusal":
      return "refusal";
    case "model_context_window_exceeded":
      return "context";
    default:
      return "stop";
  }
}

/** @param stopSequence the sequence that was met, if the provider said */
export function encodeFinishReason(reason: FinishReason, stopSequence: string | undefined): StopReason {
  switch (reason) {
    case "stop":
      return stopSequence === undefined ? "end_turn" : "stop_sequence";
    case "length":
      return "max_tokens";
    case "context":
      return "model_context_window_exceeded";
    case "tool-calls":
      return "tool_use";
    case "refusal":
      return "refusal";
    case "pause":
      return "pause_turn";
    default: {
      const never: never = reason;
      return never;
    }
  }
}
