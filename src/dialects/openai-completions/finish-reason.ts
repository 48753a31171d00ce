/** Why a completion ended. Source: https://platform.openai.com/docs/api-reference/completions/object */
import type { FinishReason } from "../../conversation/answer.ts";

export function encodeFinishReason(reason: FinishReason): "stop" | "length" | "content_filter" {
  switch (reason) {
    case "stop":
    case "pause":
    case "tool-calls":
      return "stop";
    case "length":
    case "context":
      return "length";
    case "refusal":
      return "content_filter";
    default: {
      const unknown: never = reason;
      throw new TypeError(`unknown finish reason: ${String(unknown)}`);
    }
  }
}

export function decodeFinishReason(reason: string): FinishReason {
  switch (reason) {
    case "length":
      return "length";
    case "content_filter":
      return "refusal";
    default:
      return "stop";
  }
}
