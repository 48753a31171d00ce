/**
 * Token counts: Bedrock's `usage`, to ours.
 *
 * Bedrock's `inputTokens` leaves out what was read from or written to the cache; ours holds all of it. Thinking is
 * part of `outputTokens` and not told apart.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
import type { Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { count } from "../counts.ts";

export function decodeUsage(usage: JsonObject): Usage {
  const cacheRead = count(usage["cacheReadInputTokens"]);
  const cacheWrite = count(usage["cacheWriteInputTokens"]);
  return {
    input: count(usage["inputTokens"]) + cacheRead + cacheWrite,
    output: count(usage["outputTokens"]),
    cacheRead,
    cacheWrite,
    cacheWriteHour: Math.min(cacheWrite, writtenForAnHour(usage["cacheDetails"])),
    reasoning: 0,
    audioInput: 0,
    audioOutput: 0,
    estimated: false,
  };
}

/** `cacheDetails` splits what was written by lifetime: `1h`, or `T1H` as some answers spell it. */
function writtenForAnHour(details: JsonValue | undefined): number {
  if (!Array.isArray(details)) return 0;
  return details
    .filter(isObject)
    .filter(({ ttl }) => typeof ttl === "string" && /^t?1h$/i.test(ttl))
    .reduce((sum, { inputTokens }) => sum + count(inputTokens), 0);
}
