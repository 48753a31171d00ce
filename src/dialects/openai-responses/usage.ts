/**
 * Token counts. OpenAI's totals mean what ours do: cached tokens are part of the input, reasoning of the output.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object (`usage`)
 */
import type { Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { count } from "../counts.ts";

/** Undefined when there are no counts, as in an answer that has only begun. */
export function decodeUsage(usage: JsonValue | undefined): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const { input_tokens: input, output_tokens: output } = usage;
  if (typeof input !== "number" && typeof output !== "number") return undefined;
  const ofInput = isObject(usage["input_tokens_details"]) ? usage["input_tokens_details"] : {};
  const ofOutput = isObject(usage["output_tokens_details"]) ? usage["output_tokens_details"] : {};
  return {
    input: count(input),
    output: count(output),
    cacheRead: count(ofInput["cached_tokens"]),
    cacheWrite: count(ofInput["cache_write_tokens"]),
    cacheWriteHour: 0,
    reasoning: count(ofOutput["reasoning_tokens"]),
    audioInput: count(ofInput["audio_tokens"]),
    audioOutput: count(ofOutput["audio_tokens"]),
    estimated: false,
  };
}

/** As the value of `usage`, which does not tell audio from other tokens. */
export function encodeUsage(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite,
    },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}
