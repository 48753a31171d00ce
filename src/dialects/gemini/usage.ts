/**
 * Token counts. The prompt's include the cached ones; thoughts are counted beside the answer's, and what the
 * provider's own tools fed to the model beside the prompt's.
 *
 * Source: https://ai.google.dev/api/generate-content#UsageMetadata
 */
import type { Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { count } from "../counts.ts";
import { camelCased } from "./spelling.ts";

/** @param given `usageMetadata`. Undefined when there are no counts. */
export function decodeUsage(given: JsonValue | undefined): Usage | undefined {
  if (!isObject(given)) return undefined;
  const usage = camelCased(given);
  if (typeof usage["promptTokenCount"] !== "number" && typeof usage["totalTokenCount"] !== "number")
    return undefined;
  const input = count(usage["promptTokenCount"]) + count(usage["toolUsePromptTokenCount"]);
  const reasoning = count(usage["thoughtsTokenCount"]);
  const output = count(usage["candidatesTokenCount"]) + reasoning;
  return {
    input,
    // Some models leave the thoughts or the whole answer out of the single counts, but not out of the total.
    output: Math.max(output, count(usage["totalTokenCount"]) - input),
    cacheRead: Math.min(input, count(usage["cachedContentTokenCount"])),
    cacheWrite: 0,
    cacheWriteHour: 0,
    reasoning,
    audioInput: audio(usage["promptTokensDetails"]),
    audioOutput: audio(usage["candidatesTokensDetails"]),
    estimated: false,
  };
}

/** As the value of `usageMetadata`. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output, cacheRead, reasoning } = usage;
  return {
    promptTokenCount: input,
    candidatesTokenCount: Math.max(0, output - reasoning),
    totalTokenCount: input + output,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    ...details("promptTokensDetails", input, usage.audioInput),
    ...details("candidatesTokensDetails", Math.max(0, output - reasoning), usage.audioOutput),
  };
}

function details(name: string, total: number, audioTokens: number): JsonObject {
  if (audioTokens === 0) return {};
  return {
    [name]: [
      { modality: "TEXT", tokenCount: Math.max(0, total - audioTokens) },
      { modality: "AUDIO", tokenCount: audioTokens },
    ],
  };
}

function audio(given: JsonValue | undefined): number {
  if (!Array.isArray(given)) return 0;
  return given.reduce<number>((sum, entry) => {
    if (!isObject(entry)) return sum;
    const { modality, tokenCount } = camelCased(entry);
    return modality === "AUDIO" ? sum + count(tokenCount) : sum;
  }, 0);
}
