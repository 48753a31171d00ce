/**
 * Why the model stopped: Bedrock's `stopReason` to the neutral reason.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html (`stopReason`)
 */
import type { FinishReason } from "../../conversation/answer.ts";

/**
 * @param stopReason as it came; reasons that are not known yet count as a normal end
 * @returns undefined when the model wrote something that Bedrock could not read: no answer but an error
 */
export function decodeFinishReason(stopReason: string): FinishReason | undefined {
  switch (stopReason) {
    case "max_tokens":
      return "length";
    case "tool_use":
      return "tool-calls";
    case "guardrail_intervened":
    case "content_filtered":
      return "refusal";
    case "model_context_window_exceeded":
      return "context";
    case "malformed_model_output":
    case "malformed_tool_use":
      return undefined;
    default:
      return "stop";
  }
}
