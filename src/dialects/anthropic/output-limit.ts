/**
 * A lower limit on an answer's length. Thinking is a part of it, and its budget must be below: it shrinks too, and where
 * less than the smallest budget remains there is no thinking.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
import type { JsonDocument } from "../../json/document.ts";
import { isObject, type JsonValue } from "../../json/types.ts";

const leastBudget = 1_024;

/** @returns the very same bytes when the request's own limit is not above */
export function limitOutput(body: JsonDocument, tokens: number): Uint8Array {
  const own = body.member("max_tokens");
  if (typeof own === "number" && own <= tokens) return body.bytes;
  return body.edit({ max_tokens: tokens, ...thinkingWithin(body.member("thinking"), tokens) });
}

function thinkingWithin(thinking: JsonValue | undefined, tokens: number): Record<string, JsonValue> {
  if (!isObject(thinking)) return {};
  const { budget_tokens: budget } = thinking;
  if (typeof budget !== "number" || budget < tokens) return {};
  if (tokens <= leastBudget) return { thinking: { type: "disabled" } };
  return { thinking: { ...thinking, budget_tokens: tokens - 1 } };
}
