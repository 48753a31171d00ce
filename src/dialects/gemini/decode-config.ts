/**
 * `generationConfig`, to neutral fields.
 *
 * Source: https://ai.google.dev/api/generate-content#generationconfig
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest, OutputFormat } from "../../conversation/request.ts";
import { booleanField, listField, numberField, objectField, stringField } from "../../json/fields.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";
import { decodeSchema } from "./decode-schema.ts";
import { camelCased } from "./spelling.ts";
import { decodeThinking } from "./thinking.ts";

const at = "generationConfig";

const configFields = new Set(
  `temperature topP topK candidateCount maxOutputTokens stopSequences seed presencePenalty frequencyPenalty
   responseLogprobs logprobs responseMimeType responseSchema responseJsonSchema thinkingConfig
   responseModalities`.split(/\s+/),
);
const thinkingFields = new Set(["thinkingBudget", "thinkingLevel", "includeThoughts"]);

const paths: ConversationRequest["paths"] = Object.freeze({
  maxOutputTokens: `${at}.maxOutputTokens`,
  temperature: `${at}.temperature`,
  topP: `${at}.topP`,
  topK: `${at}.topK`,
  stop: `${at}.stopSequences`,
  seed: `${at}.seed`,
  candidates: `${at}.candidateCount`,
  logprobs: `${at}.responseLogprobs`,
  topLogprobs: `${at}.logprobs`,
  frequencyPenalty: `${at}.frequencyPenalty`,
  presencePenalty: `${at}.presencePenalty`,
  reasoning: `${at}.thinkingConfig`,
  output: `${at}.responseSchema`,
});

type ConfigField = keyof typeof plainFields | "stop" | "reasoning" | "output" | "logprobs";

const plainFields = {
  maxOutputTokens: "maxOutputTokens",
  temperature: "temperature",
  topP: "topP",
  topK: "topK",
  seed: "seed",
  candidates: "candidateCount",
  topLogprobs: "logprobs",
  frequencyPenalty: "frequencyPenalty",
  presencePenalty: "presencePenalty",
} as const;

/** Where the client's request has the neutral fields. @param body in camelCase */
export function configPaths(body: JsonObject): ConversationRequest["paths"] {
  const config = isObject(body["generationConfig"]) ? camelCased(body["generationConfig"]) : {};
  if (config["responseJsonSchema"] !== undefined) return { ...paths, output: `${at}.responseJsonSchema` };
  return config["responseSchema"] === undefined ? { ...paths, output: `${at}.responseMimeType` } : paths;
}

/** @param body in camelCase. @throws InvalidRequestError */
export function decodeConfig(
  body: JsonObject,
  leftovers: Leftovers,
): Pick<ConversationRequest, "stop"> & Partial<Pick<ConversationRequest, ConfigField>> {
  const config = camelCased(objectField(body, "generationConfig") ?? {});
  leftovers.collect(config, at, configFields);
  noteModalities(config, leftovers);
  const thinking = camelCased(objectField(config, "thinkingConfig", at) ?? {});
  leftovers.collect(thinking, `${at}.thinkingConfig`, thinkingFields);
  const optional = {
    ...Object.fromEntries(
      Object.entries(plainFields).map(([neutral, name]) => [neutral, numberField(config, name, at)]),
    ),
    logprobs: booleanField(config, "responseLogprobs", at),
    reasoning: decodeThinking(thinking, `${at}.thinkingConfig`),
    output: decodeOutput(config, leftovers),
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { stop: decodeStop(config), ...Object.fromEntries(given) };
}

function decodeStop(config: JsonObject): string[] {
  return (listField(config, "stopSequences", at) ?? []).map((sequence, index) => {
    if (typeof sequence === "string") return sequence;
    const path = `${at}.stopSequences[${index}]`;
    throw new InvalidRequestError(path, `${path} must be a string.`);
  });
}

function decodeOutput(config: JsonObject, leftovers: Leftovers): OutputFormat | undefined {
  const type = stringField(config, "responseMimeType", at);
  const own = objectField(config, "responseSchema", at);
  const schema = objectField(config, "responseJsonSchema", at) ?? (own && decodeSchema(own));
  if (schema !== undefined) {
    // `text/x.enum` asks for one of the schema's texts, bare.
    if (type !== undefined && type !== "application/json") leftovers.note(`${at}.responseMimeType`, type);
    return { kind: "json-schema", schema };
  }
  if (type === "application/json") return { kind: "json" };
  if (type === undefined || type === "text/plain") return type === undefined ? undefined : { kind: "text" };
  leftovers.note(`${at}.responseMimeType`, type);
  return undefined;
}

/** Text is what every model answers; other modalities are Gemini's own. */
function noteModalities(config: JsonObject, leftovers: Leftovers): void {
  const modalities = listField(config, "responseModalities", at) ?? [];
  if (modalities.some((modality) => modality !== "TEXT"))
    leftovers.note(`${at}.responseModalities`, [...modalities]);
}
