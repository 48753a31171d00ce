/**
 * Whether a conversation stands in the middle of tool calls that Claude did not think about: manual thinking is
 * then answered with 400.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
import type { JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";

export const unsignedCalls = "the tool calls in the history carry no signed thinking, which Claude demands";

/** @param messages in Anthropic's form */
export function lacksSignedThinking(messages: readonly unknown[]): boolean {
  const last = messages.at(-1);
  const calls = messages.at(-2);
  if (firstType(last, "user") !== "tool_result") return false;
  const first = firstType(calls, "assistant");
  return first !== undefined && first !== "thinking" && first !== "redacted_thinking";
}

/** The type of the first block; undefined when the message has another role or no blocks. */
function firstType(message: unknown, role: string): JsonValue | undefined {
  if (!isObject(message) || message["role"] !== role || !Array.isArray(message["content"])) return undefined;
  const [block] = message["content"];
  return isObject(block) ? block["type"] : undefined;
}
