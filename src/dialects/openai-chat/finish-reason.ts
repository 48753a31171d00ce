/** Why the model stopped, in OpenAI's words and in ours. */
import type { FinishReason } from "../../conversation/answer.ts";

/** Source: https://platform.openai.com/docs/api-reference/chat/object (`choices[].finish_reason`) */
export type OpenAiFinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "function_call";

/** What else the answer held, which OpenAI's reason alone does not tell. */
export interface FinishContext {
  readonly hasToolCalls: boolean;
  readonly hasRefusal: boolean;
}

/** Compatible vendors have reasons of their own; those count as a normal stop. */
export function decodeFinishReason(reason: string, context: FinishContext): FinishReason {
  switch (reason) {
    case "length":
    case "max_tokens":
      return "length";
    case "content_filter":
      return "refusal";
    case "tool_calls":
    case "function_call":
      return "tool-calls";
    default:
      // A forced function call ends with `stop`: https://platform.openai.com/docs/guides/function-calling
      if (context.hasToolCalls) return "tool-calls";
      return context.hasRefusal ? "refusal" : "stop";
  }
}

/** A refusal in the model's own words is a `stop` at OpenAI; a filter's is not. */
export function encodeFinishReason(reason: FinishReason, context: FinishContext): OpenAiFinishReason {
  switch (reason) {
    case "stop":
    case "pause":
      return "stop";
    case "length":
    case "context":
      return "length";
    case "tool-calls":
      return "tool_calls";
    case "refusal":
      return context.hasRefusal ? "stop" : "content_filter";
    default: {
      const unknown: never = reason;
      throw new TypeError(`unknown finish reason: ${String(unknown)}`);
    }
  }
}
