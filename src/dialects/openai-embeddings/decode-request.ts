/**
 * A request of a client, read. Beside OpenAI's own fields it may say what the vectors are for, in the words of OpenRouter
 * and others that copy the API.
 *
 * Sources: https://platform.openai.com/docs/api-reference/embeddings/create,
 * https://openrouter.ai/docs/api/api-reference/embeddings/create-embeddings (`input_type`)
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { EmbeddingInput, EmbeddingPurpose, EmbeddingsRequest } from "../../embeddings/request.ts";
import { withoutUndefined } from "../../json/defined.ts";
import { numberField, requiredString, stringField } from "../../json/fields.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";

const ownFields = new Set(["model", "input", "dimensions", "encoding_format", "user", "input_type"]);

const purposes: ReadonlyMap<string, EmbeddingPurpose> = new Map([
  ["query", "query"],
  ["search_query", "query"],
  ["document", "document"],
  ["search_document", "document"],
  ["passage", "document"],
  ["classification", "classification"],
  ["clustering", "clustering"],
  ["similarity", "similarity"],
  ["semantic_similarity", "similarity"],
]);

const paths = Object.freeze({
  inputs: "input",
  encoding: "encoding_format",
  purpose: "input_type",
});

/** @throws InvalidRequestError with the JSON path */
export function decodeRequest(body: JsonObject): EmbeddingsRequest {
  const inputType = stringField(body, "input_type");
  const purpose = purposes.get(inputType?.toLowerCase() ?? "");
  const isUnknown = (name: string) =>
    !ownFields.has(name) || (name === "input_type" && purpose === undefined);
  const extra = Object.entries(body).filter(([name, value]) => value !== null && isUnknown(name));
  return {
    model: requiredString(body, "model"),
    inputs: decodeInputs(body["input"]),
    ...withoutUndefined({
      dimensions: decodeDimensions(body),
      encoding: decodeEncoding(body),
      purpose,
      user: stringField(body, "user"),
    }),
    extra: Object.fromEntries(extra),
    paths,
  };
}

function decodeDimensions(body: JsonObject): number | undefined {
  const dimensions = numberField(body, "dimensions");
  if (dimensions === undefined || (Number.isInteger(dimensions) && dimensions > 0)) return dimensions;
  throw new InvalidRequestError("dimensions", "dimensions must be a whole number above 0.");
}

function decodeEncoding(body: JsonObject): "float" | "base64" | undefined {
  const encoding = stringField(body, "encoding_format");
  if (encoding === undefined || encoding === "float" || encoding === "base64") return encoding;
  throw new InvalidRequestError("encoding_format", "encoding_format must be float or base64.");
}

/** A text, a list of texts, one text's tokens, or a list of those. */
function decodeInputs(input: JsonValue | undefined): EmbeddingInput[] {
  if (input === undefined || input === null) throw new InvalidRequestError("input", "input is required.");
  if (!Array.isArray(input)) return [decodeInput(input, "input")];
  if (input.length === 0) throw new InvalidRequestError("input", "input must not be empty.");
  if (typeof input[0] === "number") return [decodeInput(input, "input")];
  return input.map((item, index) => decodeInput(item, `input[${index}]`));
}

function decodeInput(input: JsonValue, at: string): EmbeddingInput {
  if (typeof input === "string") return { kind: "text", text: input };
  if (isTokens(input)) return { kind: "tokens", tokens: input };
  throw new InvalidRequestError(at, `${at} must be a text or a list of tokens.`);
}

function isTokens(input: JsonValue): input is number[] {
  return Array.isArray(input) && input.length > 0 && input.every((token) => Number.isInteger(token));
}
