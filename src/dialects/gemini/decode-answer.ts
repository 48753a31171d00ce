/**
 * A whole answer, to the neutral form.
 *
 * Source: https://ai.google.dev/api/generate-content#GenerateContentResponse
 */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import { ProviderAnswerError } from "../../conversation/error.ts";
import type { Part } from "../../conversation/parts.ts";
import { noUsage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { inventedToolCallId } from "../invented-ids.ts";
import { ModelParts } from "./answer-parts.ts";
import { decodeAnswerError } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { decodeUsage } from "./usage.ts";

/**
 * @throws ProviderAnswerError when it is an error
 * @throws Error when the body is not an answer of this dialect
 */
export function decodeAnswer(body: JsonObject): Answer {
  const error = decodeAnswerError(body);
  if (error !== undefined) throw new ProviderAnswerError(error);
  const id = string(body["responseId"]);
  const given = Array.isArray(body["candidates"]) ? body["candidates"].filter(isObject) : [];
  const blocked = blockedPrompt(body["promptFeedback"]);
  if (given.length === 0 && blocked === undefined)
    throw new Error("the body is no Gemini answer: candidates are missing");
  const candidates = given.map((candidate, index) => decodeCandidate(candidate, id, index));
  const usage = body["usageMetadata"];
  const tier = isObject(usage) ? usage["serviceTier"] : undefined;
  return {
    id,
    model: string(body["modelVersion"]),
    ...createdOf(body["createTime"]),
    candidates: blocked !== undefined && candidates.length === 0 ? [blocked] : candidates,
    usage: decodeUsage(usage) ?? noUsage,
    ...(typeof tier === "string" && { serviceTier: tier }),
    dialect: "gemini",
  };
}

/** A prompt that was blocked is answered without any candidate. Undefined when it was not. */
export function blockedPrompt(feedback: JsonValue | undefined): Candidate | undefined {
  if (!isObject(feedback) || typeof feedback["blockReason"] !== "string") return undefined;
  const said = string(feedback["blockReasonMessage"]);
  const text = said === "" ? `The prompt was blocked: ${feedback["blockReason"]}.` : said;
  return { parts: [{ kind: "refusal", text }], finish: "refusal" };
}

function decodeCandidate(candidate: JsonObject, id: string, index: number): Candidate {
  const content = isObject(candidate["content"]) ? candidate["content"] : {};
  const scope = index === 0 ? id : `${id}${index}`;
  const reader = new ModelParts((position) => inventedToolCallId(scope, position));
  for (const part of Array.isArray(content["parts"]) ? content["parts"] : []) {
    if (isObject(part)) reader.add(part);
  }
  const { parts } = reader;
  const reason = string(candidate["finishReason"]);
  const finish = decodeFinishReason(
    reason,
    parts.some((part) => part.kind === "tool-call"),
  );
  const refusal = finish === "refusal" ? refusalOf(candidate) : undefined;
  if (refusal !== undefined) parts.push(refusal);
  annotate(parts, citationsOf(candidate));
  const logprobs = decodeLogprobs(candidate["logprobsResult"]);
  return { parts, finish, ...(logprobs !== undefined && { logprobs }) };
}

/** What the provider says beside the content about why there is no more of it. */
export function refusalOf(candidate: JsonObject): Part | undefined {
  const text = string(candidate["finishMessage"]);
  return text === "" ? undefined : { kind: "refusal", text };
}

/** Members beside the content that tell where it comes from. */
const citationMembers = ["citationMetadata", "groundingMetadata", "urlContextMetadata"];

/** Undefined when it cites nothing. */
export function citationsOf(candidate: JsonObject): JsonObject | undefined {
  const found = citationMembers.filter((name) => {
    const value = candidate[name];
    return isObject(value) && Object.keys(value).length > 0;
  });
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map((name) => [name, candidate[name] ?? null]));
}

/** They are about the whole answer, and kept with its last text. */
function annotate(parts: Part[], citations: JsonObject | undefined): void {
  if (citations === undefined) return;
  const place = parts.findLastIndex((part) => part.kind === "text");
  const text = parts[place];
  if (text?.kind !== "text") return;
  parts[place] = { ...text, annotations: { dialect: "gemini", items: [citations] } };
}

function createdOf(time: JsonValue | undefined): { created?: number } {
  const milliseconds = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(milliseconds) ? {} : { created: Math.floor(milliseconds / 1000) };
}

function string(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
