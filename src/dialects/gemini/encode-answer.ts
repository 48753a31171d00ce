/**
 * A neutral answer, to a whole answer of Gemini.
 *
 * Source: https://ai.google.dev/api/generate-content#GenerateContentResponse
 */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { Part, TextPart } from "../../conversation/parts.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import type { Seal } from "../seal.ts";
import { encodeModelParts } from "./encode-model-parts.ts";
import { encodeFinishReason } from "./finish-reason.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { markForeignCalls } from "./signatures.ts";
import { encodeUsage } from "./usage.ts";

/** Losses are reported with their path in the answer that is given, e.g. `candidates[0].content`. */
export function encodeAnswer(answer: Answer, context: EncodeContext, losses: Losses): JsonObject {
  return {
    candidates: answer.candidates.map((candidate, index) =>
      encodeCandidate(candidate, index, context.seal, losses),
    ),
    usageMetadata: encodeUsage(answer.usage),
    modelVersion: context.model,
    responseId: answer.id === "" ? context.newId() : answer.id,
  };
}

function encodeCandidate(candidate: Candidate, index: number, seal: Seal, losses: Losses): JsonObject {
  const at = `candidates[${index}]`;
  const { parts } = candidate;
  if (candidate.stopSequence !== undefined)
    losses.dropped(`${at}.stopSequence`, "Gemini does not say which stop sequence was met");
  if (candidate.finish === "pause" || candidate.finish === "context")
    losses.approximated(`${at}.finishReason`, `Gemini has no reason for ${candidate.finish}`);
  const logprobsResult = encodeLogprobs(candidate.logprobs);
  if (candidate.logprobs !== undefined && logprobsResult === undefined)
    losses.dropped(`${at}.logprobs`, "the log probabilities are in a form of their own");
  const encoded = encodeModelParts(parts, `${at}.content`, {
    losses,
    seal,
    other: (part, path) => encodeAnswerPart(part, path, losses),
  });
  markForeignCalls(encoded);
  // A refusal with another finish (OpenAI ends it with `stop`) is one all the same.
  const hasRefusal = parts.some((part) => part.kind === "refusal");
  const finish = candidate.finish === "stop" && hasRefusal ? "refusal" : candidate.finish;
  return {
    content: { ...(encoded.length > 0 && { parts: encoded }), role: "model" },
    finishReason: encodeFinishReason(finish),
    index,
    ...citations(parts, at, losses),
    ...(logprobsResult !== undefined && { logprobsResult }),
  };
}

/** Parts that are neither text nor reasoning nor calls. */
export function encodeAnswerPart(part: Part, at: string, losses: Losses): JsonObject | undefined {
  if (part.kind === "foreign" && part.dialect === "gemini") return part.value;
  if (part.kind === "image" && part.source.kind === "base64") {
    const { mediaType, data } = part.source;
    return { inlineData: { mimeType: mediaType, data } };
  }
  const what = part.kind === "foreign" ? `content of ${part.dialect}` : part.kind;
  losses.dropped(at, `an answer of Gemini holds no ${what}`);
  return undefined;
}

function citations(parts: readonly Part[], at: string, losses: Losses): JsonObject {
  const found: JsonObject = {};
  for (const part of parts) {
    if (part.kind !== "text" || part.annotations === undefined) continue;
    const own = ownCitations(part.annotations);
    if (own === undefined) losses.dropped(`${at}.citationMetadata`, "citations are in another form");
    else Object.assign(found, own);
  }
  return found;
}

/** What stands beside the content of a candidate; undefined for another dialect's. */
export function ownCitations(annotations: NonNullable<TextPart["annotations"]>): JsonObject | undefined {
  if (annotations.dialect !== "gemini") return undefined;
  return Object.assign({}, ...annotations.items.filter(isObject)) as JsonObject;
}
