/**
 * A neutral request in the words of the model's vendor.
 *
 * Sources: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-mm.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v3.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v4.html,
 * https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import { dropUnknown, expectDimensions, textsOf } from "../../embeddings/fitting.ts";
import { type EmbeddingPurpose, type EmbeddingsRequest, pathOf } from "../../embeddings/request.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeTarget } from "../dialect.ts";
import { familyOf, type ModelFamily } from "./model-family.ts";

const titan = "Amazon Titan";
const cohere = "Cohere at Bedrock";
const nova = "Amazon Nova";
/** Texts in one call to Cohere. */
const mostTexts = 96;
/** The length of vectors where a model has only one. */
const titanV1Length = 1536;
const cohereV3Length = 1024;

/** @throws InvalidRequestError when the model, or Bedrock for it, cannot be asked this */
export function encodeRequest(request: EmbeddingsRequest, target: EncodeTarget, losses: Losses): JsonObject {
  const family = familyOf(target.model);
  if (family === undefined) {
    const message = `${JSON.stringify(target.model)} does not tell which embedding model it is: ask for it by its own id`;
    throw new InvalidRequestError(pathOf(request, "model"), message, 400, "unknown_embedding_model");
  }
  return encodeFor(family, request, losses);
}

function encodeFor(family: ModelFamily, request: EmbeddingsRequest, losses: Losses): JsonObject {
  const { dimensions } = request;
  switch (family) {
    case "titan-text-v1":
      expectDimensions(request, titan, titanV1Length);
      return encodeTitan(request, {}, losses);
    case "titan-text-v2":
      return encodeTitan(request, dimensions === undefined ? {} : { dimensions }, losses);
    case "titan-multimodal": {
      const embeddingConfig = { outputEmbeddingLength: dimensions ?? 0 };
      return encodeTitan(request, dimensions === undefined ? {} : { embeddingConfig }, losses);
    }
    case "cohere-v3":
      expectDimensions(request, cohere, cohereV3Length);
      return encodeCohere(request, {}, losses);
    case "cohere-v4":
      return encodeCohere(request, dimensions === undefined ? {} : { output_dimension: dimensions }, losses);
    case "nova":
      return encodeNova(request, losses);
    default:
      return family satisfies never;
  }
}

function encodeTitan(request: EmbeddingsRequest, more: JsonObject, losses: Losses): JsonObject {
  const [inputText = ""] = textsOf(request, titan, 1);
  dropUnknown(request, titan, losses);
  if (request.purpose !== undefined)
    losses.dropped(pathOf(request, "purpose"), `${titan} embeds alike whatever it is for.`);
  return { inputText, ...more };
}

const cohereInputTypes: Readonly<Record<EmbeddingPurpose, string | undefined>> = {
  query: "search_query",
  document: "search_document",
  classification: "classification",
  clustering: "clustering",
  similarity: undefined,
};

function encodeCohere(request: EmbeddingsRequest, more: JsonObject, losses: Losses): JsonObject {
  const texts = textsOf(request, cohere, mostTexts);
  dropUnknown(request, cohere, losses);
  // It must be said, and OpenAI's clients do not say it: what they embed most is what they store.
  const input_type = said(request, cohereInputTypes, cohere, losses) ?? "search_document";
  return { texts, input_type, truncate: "NONE", ...more };
}

const novaPurposes: Readonly<Record<EmbeddingPurpose, string | undefined>> = {
  query: "GENERIC_RETRIEVAL",
  document: "GENERIC_INDEX",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
  similarity: undefined,
};

function encodeNova(request: EmbeddingsRequest, losses: Losses): JsonObject {
  const [value = ""] = textsOf(request, nova, 1);
  const { dimensions } = request;
  dropUnknown(request, nova, losses);
  return {
    taskType: "SINGLE_EMBEDDING",
    singleEmbeddingParams: {
      // As for Cohere.
      embeddingPurpose: said(request, novaPurposes, nova, losses) ?? "GENERIC_INDEX",
      ...(dimensions !== undefined && { embeddingDimension: dimensions }),
      text: { truncationMode: "NONE", value },
    },
  };
}

/** What the vectors are for in a vendor's word; undefined when the client did not say, or there is no word for it. */
function said(
  request: EmbeddingsRequest,
  words: Readonly<Record<EmbeddingPurpose, string | undefined>>,
  who: string,
  losses: Losses,
): string | undefined {
  const { purpose } = request;
  if (purpose === undefined) return undefined;
  const word = words[purpose];
  if (word === undefined)
    losses.approximated(
      pathOf(request, "purpose"),
      `${who} has no vectors for ${purpose}: those of documents.`,
    );
  return word;
}
