/**
 * Why the model stopped: Gemini's `finishReason` and the neutral reason.
 *
 * Source: https://ai.google.dev/api/generate-content#FinishReason
 */
import type { FinishReason } from "../../conversation/answer.ts";

/** The reasons that we write ourselves. */
export type GeminiFinishReason = "STOP" | "MAX_TOKENS" | "SAFETY";

/**
 * @param reason as it came; reasons that are not known yet count as a normal end
 * @param hasCalls the answer calls functions, which ends with STOP like any other
 */
export function decodeFinishReason(reason: string, hasCalls: boolean): FinishReason {
  switch (reason) {
    case "MAX_TOKENS":
    case "CONTINUATION":
      return "length";
    case "SAFETY":
    case "RECITATION":
    case "LANGUAGE":
    case "BLOCKLIST":
    case "PROHIBITED_CONTENT":
    case "SPII":
    case "MODEL_ARMOR":
    case "IMAGE_SAFETY":
    case "IMAGE_PROHIBITED_CONTENT":
    case "IMAGE_RECITATION":
    // What the model wrote could not be used: no answer, though tokens are billed. Never a clean stop.
    case "MALFORMED_FUNCTION_CALL":
    case "MALFORMED_RESPONSE":
    case "UNEXPECTED_TOOL_CALL":
    case "TOO_MANY_TOOL_CALLS":
    case "MISSING_THOUGHT_SIGNATURE":
    case "NO_IMAGE":
    case "IMAGE_OTHER":
    case "OTHER":
      return "refusal";
    default:
      return hasCalls ? "tool-calls" : "stop";
  }
}

export function encodeFinishReason(reason: FinishReason): GeminiFinishReason {
  switch (reason) {
    case "stop":
    case "tool-calls":
    case "pause":
      return "STOP";
    case "length":
    case "context":
      return "MAX_TOKENS";
    case "refusal":
      return "SAFETY";
    default: {
      const never: never = reason;
      return never;
    }
  }
}
