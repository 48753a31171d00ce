/** How an answer ended, in the words of the Responses API and in ours. */
import type { FinishReason } from "../../conversation/answer.ts";
import { isObject, type JsonObject } from "../../json/types.ts";

/** What else the answer held, which the status alone does not tell. */
export interface FinishContext {
  readonly hasToolCalls: boolean;
  readonly hasRefusal: boolean;
}

/** Source: https://platform.openai.com/docs/api-reference/responses/object (`status`, `incomplete_details`) */
export interface ResponseStatus {
  readonly status: "completed" | "incomplete";
  readonly incomplete_details: { readonly reason: "max_output_tokens" | "content_filter" } | null;
}

/** @param response of which the status is neither `failed` nor `cancelled` */
export function decodeStatus(response: JsonObject, context: FinishContext): FinishReason {
  const details = response["incomplete_details"];
  if (response["status"] === "incomplete") {
    return isObject(details) && details["reason"] === "content_filter" ? "refusal" : "length";
  }
  if (context.hasToolCalls) return "tool-calls";
  return context.hasRefusal ? "refusal" : "stop";
}

/** A refusal in the model's own words completes an answer; a filter's does not. */
export function encodeStatus(reason: FinishReason, hasRefusal: boolean): ResponseStatus {
  switch (reason) {
    case "stop":
    case "pause":
    case "tool-calls":
      return { status: "completed", incomplete_details: null };
    case "length":
    case "context":
      return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    case "refusal":
      if (hasRefusal) return { status: "completed", incomplete_details: null };
      return { status: "incomplete", incomplete_details: { reason: "content_filter" } };
    default: {
      const unknown: never = reason;
      throw new TypeError(`unknown finish reason: ${String(unknown)}`);
    }
  }
}
