/**
 * Log probabilities. Chat Completions keeps them beside the message, as `{content: […], refusal: […]}`, which is their
 * neutral form; here they stand inside the text that they are about.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object (`output[].content[].logprobs`)
 */
import { isObject, type JsonValue } from "../../json/types.ts";

/** Undefined when there are none. @param tokens of one text, or of several, one after the other */
export function decodeLogprobs(tokens: readonly JsonValue[]): JsonValue | undefined {
  return tokens.length === 0 ? undefined : { content: [...tokens], refusal: null };
}

/** As events have them, without the bytes that the finished text has. */
export function streamedLogprobs(tokens: readonly JsonValue[]): JsonValue[] {
  return tokens.filter(isObject).map(({ bytes: _, top_logprobs: top, ...token }) => ({
    ...token,
    ...(Array.isArray(top) && { top_logprobs: streamedLogprobs(top) }),
  }));
}

/** The tokens of the text. */
export function encodeLogprobs(logprobs: JsonValue | undefined): JsonValue[] {
  return isObject(logprobs) && Array.isArray(logprobs["content"]) ? logprobs["content"] : [];
}
