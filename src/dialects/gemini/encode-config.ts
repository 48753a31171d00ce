/**
 * Neutral fields, to `generationConfig`.
 *
 * Source: https://ai.google.dev/api/generate-content#generationconfig
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { ModelTraits } from "./model-traits.ts";
import { encodeSchema } from "./schema.ts";
import { encodeThinking } from "./thinking.ts";

/** Gemini's limits. */
const maxStops = 5;
const maxCandidates = 8;
const maxLogprobs = 20;
const int32 = 2 ** 31;

export interface EncodedConfig {
  readonly config: JsonObject;
  /** To be added to the system instruction. */
  readonly instruction?: string;
}

export function encodeConfig(
  request: ConversationRequest,
  traits: ModelTraits,
  losses: Losses,
): EncodedConfig {
  const { temperature, topP, topK, maxOutputTokens } = request;
  const thinkingConfig = encodeThinking(request, traits, losses);
  const output = encodeOutput(request, traits, losses);
  const config: JsonObject = {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...limited(request, "candidates", "candidateCount", maxCandidates, losses),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...stopSequences(request, losses),
    ...seed(request, losses),
    ...penalties(request, traits, losses),
    ...(request.logprobs !== undefined && { responseLogprobs: request.logprobs }),
    ...(request.logprobs === true && limited(request, "topLogprobs", "logprobs", maxLogprobs, losses)),
    ...output.config,
    ...(thinkingConfig !== undefined && { thinkingConfig }),
  };
  return { ...output, config };
}

function limited(
  request: ConversationRequest,
  field: "candidates" | "topLogprobs",
  name: string,
  most: number,
  losses: Losses,
): JsonObject {
  const asked = request[field];
  if (asked === undefined) return {};
  if (asked > most) losses.approximated(clientPath(request, field), `Gemini takes ${most} at most`);
  return { [name]: Math.min(asked, most) };
}

function stopSequences(request: ConversationRequest, losses: Losses): JsonObject {
  const { stop } = request;
  if (stop.length === 0) return {};
  if (stop.length > maxStops)
    losses.approximated(
      clientPath(request, "stop"),
      `Gemini takes ${maxStops} stop sequences; the first ones are sent`,
    );
  return { stopSequences: stop.slice(0, maxStops) };
}

/** A whole number of 32 bits. */
function seed(request: ConversationRequest, losses: Losses): JsonObject {
  const asked = request.seed;
  if (asked === undefined) return {};
  if (Number.isInteger(asked) && asked >= -int32 && asked < int32) return { seed: asked };
  losses.dropped(clientPath(request, "seed"), "Gemini's seed has 32 bits");
  return {};
}

function penalties(request: ConversationRequest, traits: ModelTraits, losses: Losses): JsonObject {
  const config: JsonObject = {};
  for (const field of ["presencePenalty", "frequencyPenalty"] as const) {
    const value = request[field];
    if (value === undefined) continue;
    if (traits.penalties || request.dialect === "gemini") config[field] = value;
    else if (value !== 0) losses.dropped(clientPath(request, field), "this model takes no penalties");
  }
  return config;
}

const jsonOnly = "Answer with one valid JSON object and nothing else: no prose, no code fence.";

function encodeOutput(request: ConversationRequest, traits: ModelTraits, losses: Losses): EncodedConfig {
  const { output } = request;
  if (output === undefined) return { config: {} };
  if (output.kind === "text") return { config: { responseMimeType: "text/plain" } };
  const path = clientPath(request, "output");
  const hasTools = request.tools.length > 0 || request.foreignTools.some((tool) => tool.dialect === "gemini");
  if (hasTools && !traits.callsWithJson && request.dialect !== "gemini") {
    losses.approximated(path, "this model takes no output format beside functions; it is instructed instead");
    const schema =
      output.kind === "json" ? "" : ` It must match this JSON schema:\n${JSON.stringify(output.schema)}`;
    return { config: {}, instruction: `${jsonOnly}${schema}` };
  }
  const responseMimeType = "application/json";
  if (output.kind === "json") return { config: { responseMimeType } };
  const described =
    output.description === undefined || output.schema["description"] !== undefined
      ? output.schema
      : { ...output.schema, description: output.description };
  const { schema, exact } = encodeSchema(described);
  if (exact) return { config: { responseMimeType, responseSchema: schema } };
  if (traits.jsonSchema) return { config: { responseMimeType, responseJsonSchema: described } };
  losses.approximated(path, "parts of the schema are told to the model but not enforced");
  return { config: { responseMimeType, responseSchema: schema } };
}
