/**
 * Log probabilities: Gemini's `logprobsResult`, and OpenAI's form, which the conversation carries.
 *
 * Sources: https://ai.google.dev/api/generate-content#LogprobsResult,
 * https://platform.openai.com/docs/api-reference/chat/object (`choices[].logprobs`)
 */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

/** Undefined when there are none. */
export function decodeLogprobs(given: JsonValue | undefined): JsonObject | undefined {
  if (!isObject(given)) return undefined;
  const chosen = list(given["chosenCandidates"]);
  if (chosen.length === 0) return undefined;
  const top = list(given["topCandidates"]);
  const content = chosen.map((candidate, index) => ({
    ...token(candidate),
    top_logprobs: list(top[index]?.["candidates"]).map(token),
  }));
  return { content, refusal: null };
}

/** Undefined when it is not in OpenAI's form. */
export function encodeLogprobs(given: JsonValue | undefined): JsonObject | undefined {
  const content = isObject(given) ? list(given["content"]) : [];
  if (content.length === 0) return undefined;
  return {
    topCandidates: content.map((entry) => ({ candidates: list(entry["top_logprobs"]).map(candidateOf) })),
    chosenCandidates: content.map(candidateOf),
  };
}

function token(candidate: JsonObject): JsonObject {
  const text = typeof candidate["token"] === "string" ? candidate["token"] : "";
  return { token: text, logprob: candidate["logProbability"] ?? 0, bytes: [...Buffer.from(text)] };
}

function candidateOf(entry: JsonObject): JsonObject {
  return { token: entry["token"] ?? "", logProbability: entry["logprob"] ?? 0 };
}

function list(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
