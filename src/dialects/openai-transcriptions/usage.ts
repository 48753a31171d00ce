/**
 * What listening took: tokens or seconds, whichever the model is paid by. Plain text and subtitles say neither.
 *
 * Sources: https://platform.openai.com/docs/api-reference/audio/json-object (`usage`),
 * https://docs.mistral.ai/api/#tag/audio.transcriptions (`prompt_audio_seconds`),
 * https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#transcriptions-api
 */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { count } from "../counts.ts";

/** Of a whole answer, or of the event that ends a streamed one. */
export function decodeUsage(body: JsonObject): Usage | undefined {
  const usage = isObject(body["usage"]) ? body["usage"] : {};
  const tokens = decodeTokens(usage);
  // `duration` is in verbose answers, also of servers that have no `usage`; it is not what is billed where both are.
  const seconds = [usage["seconds"], usage["prompt_audio_seconds"], body["duration"]].find(isSeconds);
  if (seconds === undefined) return tokens;
  return { ...(tokens ?? noUsage), units: { audioMs: Math.round(seconds * 1000) } };
}

function decodeTokens(usage: JsonObject): Usage | undefined {
  const input = usage["input_tokens"] ?? usage["prompt_tokens"];
  const output = usage["output_tokens"] ?? usage["completion_tokens"];
  if (typeof input !== "number" && typeof output !== "number") return undefined;
  const details = usage["input_token_details"] ?? usage["prompt_tokens_details"];
  const audioInput = isObject(details) ? count(details["audio_tokens"]) : 0;
  return { ...noUsage, input: count(input), output: count(output), audioInput };
}

function isSeconds(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
