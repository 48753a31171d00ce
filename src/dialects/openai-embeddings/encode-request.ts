/** A neutral request in OpenAI's words. */
import type { Losses } from "../../conversation/losses.ts";
import {
  type EmbeddingInput,
  type EmbeddingPurpose,
  type EmbeddingsRequest,
  pathOf,
} from "../../embeddings/request.ts";
import { withoutUndefined } from "../../json/defined.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { EncodeTarget } from "../dialect.ts";
import { withChanges } from "../openai-chat/quirks.ts";
import { fitFields } from "./quirks.ts";

const inputTypes: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "search_query",
  document: "search_document",
  classification: "classification",
  clustering: "clustering",
  similarity: "similarity",
};

const sources: ReadonlyMap<string, keyof EmbeddingsRequest> = new Map([
  ["dimensions", "dimensions"],
  ["encoding_format", "encoding"],
  ["user", "user"],
  ["input_type", "purpose"],
]);

export function encodeRequest(request: EmbeddingsRequest, target: EncodeTarget, losses: Losses): JsonObject {
  const { inputs, dimensions, encoding, purpose, user, extra } = request;
  const [only] = inputs;
  const body: JsonObject = {
    model: target.model,
    input: inputs.length === 1 && only !== undefined ? encodeInput(only) : inputs.map(encodeInput),
    ...withoutUndefined({ dimensions, encoding_format: encoding, user }),
    ...(purpose !== undefined && { input_type: inputTypes[purpose] }),
    ...extra,
  };
  const pathOfField = (name: string): string | undefined => {
    const source = sources.get(name);
    return source === undefined ? name : pathOf(request, source);
  };
  return withChanges(
    body,
    fitFields(target.quirks, (name) => body[name], {}, losses, pathOfField),
  );
}

function encodeInput(input: EmbeddingInput): JsonValue {
  return input.kind === "text" ? input.text : [...input.tokens];
}
