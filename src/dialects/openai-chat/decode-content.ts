/**
 * The content of a message: a string, or a list of parts.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create (`messages[].content`)
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { CacheMarker, DocumentPart, ImagePart, MediaSource, Part } from "../../conversation/parts.ts";
import { objectItem, requiredObject, requiredString, stringField } from "../../json/fields.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { parseDataUrl } from "./data-url.ts";

/** @param at path of the content, e.g. `messages[2].content` */
export function decodeContent(content: JsonValue | undefined, at: string): Part[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content, at }];
  if (!Array.isArray(content))
    throw new InvalidRequestError(at, `${at} must be a string or a list of parts.`);
  return content.map((item, index) => {
    const path = `${at}[${index}]`;
    return typeof item === "string"
      ? { kind: "text", text: item, at: path }
      : decodePart(objectItem(item, path), path);
  });
}

/**
 * `cache_control` is Anthropic's own word, which clients of gateways put on OpenAI parts and tools;
 * `prompt_cache_breakpoint` is OpenAI's.
 */
export function decodeCacheMarker(part: JsonObject): { cache?: CacheMarker } {
  const control = part["cache_control"];
  if (isObject(control)) return { cache: typeof control["ttl"] === "string" ? { ttl: control["ttl"] } : {} };
  return isObject(part["prompt_cache_breakpoint"]) ? { cache: {} } : {};
}

function decodePart(part: JsonObject, at: string): Part {
  const base = { at, ...decodeCacheMarker(part) };
  switch (requiredString(part, "type", at)) {
    case "text":
      return { kind: "text", text: requiredString(part, "text", at), ...base };
    case "refusal":
      return { kind: "refusal", text: requiredString(part, "refusal", at), ...base };
    case "image_url":
      return { ...decodeImage(part, at), ...base };
    case "input_audio": {
      const audio = requiredObject(part, "input_audio", at);
      const path = `${at}.input_audio`;
      const data = requiredString(audio, "data", path);
      const format = requiredString(audio, "format", path);
      return { kind: "audio", source: { kind: "base64", format, data }, ...base };
    }
    case "file":
      return { ...decodeFile(requiredObject(part, "file", at), `${at}.file`), ...base };
    default:
      return { kind: "foreign", dialect: "openai-chat", value: part, ...base };
  }
}

function decodeImage(part: JsonObject, at: string): ImagePart {
  // Some clients send the URL bare.
  if (typeof part["image_url"] === "string") return { kind: "image", source: mediaSource(part["image_url"]) };
  const image = requiredObject(part, "image_url", at);
  const detail = stringField(image, "detail", `${at}.image_url`);
  return {
    kind: "image",
    source: mediaSource(requiredString(image, "url", `${at}.image_url`)),
    ...(detail === "low" || detail === "high" || detail === "auto" ? { detail } : {}),
  };
}

function decodeFile(file: JsonObject, at: string): DocumentPart {
  const name = stringField(file, "filename", at);
  const named = name === undefined ? {} : { name };
  const data = stringField(file, "file_data", at);
  if (data === undefined) {
    return { kind: "document", source: { kind: "file", id: requiredString(file, "file_id", at) }, ...named };
  }
  const isUrl = /^(data|https?):/i.test(data);
  const source: MediaSource = isUrl
    ? mediaSource(data)
    : { kind: "base64", mediaType: "application/pdf", data };
  return { kind: "document", source, ...named };
}

function mediaSource(url: string): MediaSource {
  const data = parseDataUrl(url);
  return data === undefined ? { kind: "url", url } : { kind: "base64", ...data };
}
