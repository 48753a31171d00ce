/**
 * The content of a message, or of a function's output: a string, or a list of parts.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/create (`input[].content`)
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { CacheMarker, DocumentPart, ImagePart, MediaSource, Part } from "../../conversation/parts.ts";
import { listField, objectItem, requiredObject, requiredString, stringField } from "../../json/fields.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";
import { parseDataUrl } from "../openai-chat/data-url.ts";

const marker = "prompt_cache_breakpoint";
const inputTextFields = new Set(["type", "text", marker]);
/** The log probabilities are those of an earlier answer. */
const outputTextFields = new Set(["type", "text", "annotations", "logprobs", marker]);
const imageFields = new Set(["type", "image_url", "file_id", "detail", marker]);
const fileFields = new Set(["type", "file_data", "file_id", "file_url", "filename", marker]);
const audioFields = new Set(["type", "input_audio"]);
const refusalFields = new Set(["type", "refusal"]);
const details = ["low", "high", "auto"] as const;

/** @param at path of the content, e.g. `input[2].content` */
export function decodeContent(content: JsonValue | undefined, at: string, leftovers: Leftovers): Part[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content, at }];
  if (!Array.isArray(content))
    throw new InvalidRequestError(at, `${at} must be a string or a list of parts.`);
  return content.map((item, index) => {
    const path = `${at}[${index}]`;
    return decodePart(objectItem(item, path), path, leftovers);
  });
}

function decodePart(part: JsonObject, at: string, leftovers: Leftovers): Part {
  const base = { at, ...decodeMarker(part) };
  switch (requiredString(part, "type", at)) {
    case "input_text":
    // Some clients keep the word of Chat Completions.
    case "text":
      leftovers.collect(part, at, inputTextFields);
      return { kind: "text", text: requiredString(part, "text", at), ...base };
    case "output_text":
      leftovers.collect(part, at, outputTextFields);
      return { kind: "text", text: requiredString(part, "text", at), ...base, ...annotationsOf(part, at) };
    case "refusal":
      leftovers.collect(part, at, refusalFields);
      return { kind: "refusal", text: requiredString(part, "refusal", at), ...base };
    case "input_image":
      leftovers.collect(part, at, imageFields);
      return { ...decodeImage(part, at, leftovers), ...base };
    case "input_file":
      leftovers.collect(part, at, fileFields);
      return { ...decodeFile(part, at), ...base };
    case "input_audio": {
      leftovers.collect(part, at, audioFields);
      const audio = requiredObject(part, "input_audio", at);
      const path = `${at}.input_audio`;
      const data = requiredString(audio, "data", path);
      const format = requiredString(audio, "format", path);
      return { kind: "audio", source: { kind: "base64", format, data }, ...base };
    }
    default:
      return { kind: "foreign", dialect: "openai-responses", value: part, ...base };
  }
}

function decodeMarker(part: JsonObject): { cache?: CacheMarker } {
  return isObject(part[marker]) ? { cache: {} } : {};
}

function annotationsOf(part: JsonObject, at: string) {
  const items = listField(part, "annotations", at) ?? [];
  return items.length === 0 ? {} : { annotations: { dialect: "openai-responses" as const, items } };
}

function decodeImage(part: JsonObject, at: string, leftovers: Leftovers): ImagePart {
  const named = stringField(part, "detail", at);
  const detail = details.find((known) => known === named);
  if (named !== undefined && detail === undefined) leftovers.note(`${at}.detail`, named);
  const url = stringField(part, "image_url", at);
  const source: MediaSource =
    url === undefined ? { kind: "file", id: requiredString(part, "file_id", at) } : mediaSource(url);
  return { kind: "image", source, ...(detail === undefined ? {} : { detail }) };
}

function decodeFile(part: JsonObject, at: string): DocumentPart {
  const name = stringField(part, "filename", at);
  const named = name === undefined ? {} : { name };
  const data = stringField(part, "file_data", at);
  if (data !== undefined) {
    const url = parseDataUrl(data) ?? { mediaType: "application/pdf", data };
    return { kind: "document", source: { kind: "base64", ...url }, ...named };
  }
  const url = stringField(part, "file_url", at);
  const source: MediaSource =
    url === undefined ? { kind: "file", id: requiredString(part, "file_id", at) } : mediaSource(url);
  return { kind: "document", source, ...named };
}

function mediaSource(url: string): MediaSource {
  const data = parseDataUrl(url);
  return data === undefined ? { kind: "url", url } : { kind: "base64", ...data };
}
