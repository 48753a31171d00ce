/**
 * Token counts. OpenAI's totals mean what ours do: cached tokens are part of the input, reasoning of the output.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/object (`usage`)
 */
import type { Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { count } from "../counts.ts";

/** Undefined when there are no counts. */
export function decodeUsage(usage: JsonValue | undefined): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (typeof prompt !== "number" && typeof completion !== "number") return undefined;
  const input = count(prompt);
  const output = count(completion);
  const ofInput = isObject(usage["prompt_tokens_details"]) ? usage["prompt_tokens_details"] : {};
  const ofOutput = isObject(usage["completion_tokens_details"]) ? usage["completion_tokens_details"] : {};
  const reasoning = count(ofOutput["reasoning_tokens"]);
  // xAI leaves reasoning out of `completion_tokens`, and its total tells so.
  const isReasoningApart = reasoning > 0 && count(usage["total_tokens"]) === input + output + reasoning;
  return {
    input,
    output: isReasoningApart ? output + reasoning : output,
    // DeepSeek's name for it: https://api-docs.deepseek.com/guides/kv_cache
    cacheRead: count(ofInput["cached_tokens"] ?? usage["prompt_cache_hit_tokens"]),
    cacheWrite: count(ofInput["cache_write_tokens"]),
    cacheWriteHour: 0,
    reasoning,
    audioInput: count(ofInput["audio_tokens"]),
    audioOutput: count(ofOutput["audio_tokens"]),
    estimated: false,
  };
}

/** As the value of `usage`. */
export function encodeUsage(usage: Usage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      audio_tokens: usage.audioInput,
      ...(usage.cacheWrite > 0 ? { cache_write_tokens: usage.cacheWrite } : {}),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
