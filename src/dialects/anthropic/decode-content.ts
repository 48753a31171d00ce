/**
 * Content blocks of requests, to parts.
 *
 * Source: https://docs.anthropic.com/en/api/messages
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type {
  CacheMarker,
  DocumentPart,
  ImagePart,
  MediaSource,
  Part,
  TextPart,
} from "../../conversation/parts.ts";
import { booleanField, objectItem, requiredObject, requiredString, stringField } from "../../json/fields.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";
import type { Seal } from "../seal.ts";
import { readProof } from "../signatures.ts";

const textFields = new Set(["type", "text", "cache_control", "citations"]);
const imageFields = new Set(["type", "source", "cache_control"]);
const documentFields = new Set(["type", "source", "cache_control", "title"]);
const toolUseFields = new Set(["type", "id", "name", "input", "cache_control", "caller"]);
const toolResultFields = new Set(["type", "tool_use_id", "content", "is_error", "cache_control"]);

/** What decoders of content share during one request. */
export interface Decoding {
  readonly leftovers: Leftovers;
  readonly seal: Seal;
}

/**
 * @param content a string or an array of blocks, as `content` and `system` have it
 * @param at its path
 */
export function decodeContent(content: JsonValue | undefined, at: string, decoding: Decoding): Part[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [{ kind: "text", text: content, at }];
  if (!Array.isArray(content))
    throw new InvalidRequestError(at, `${at} must be a string or a list of blocks.`);
  return content.map((item, i) => decodeBlock(objectItem(item, `${at}[${i}]`), `${at}[${i}]`, decoding));
}

function decodeBlock(block: JsonObject, at: string, decoding: Decoding): Part {
  const { leftovers, seal } = decoding;
  switch (requiredString(block, "type", at)) {
    case "text":
      return decodeText(block, at, leftovers);
    case "image":
      return decodeImage(block, at, leftovers) ?? foreign(block, at);
    case "document":
      return decodeDocument(block, at, leftovers) ?? foreign(block, at);
    case "thinking": {
      const text = stringField(block, "thinking", at) ?? "";
      const payload = stringField(block, "signature", at) ?? "";
      return {
        kind: "reasoning",
        text,
        at,
        ...readProof(seal, { kind: "signed", payload }, text, "anthropic"),
      };
    }
    case "redacted_thinking": {
      const payload = requiredString(block, "data", at);
      const text = "";
      return {
        kind: "reasoning",
        text,
        at,
        ...readProof(seal, { kind: "redacted", payload }, text, "anthropic"),
      };
    }
    case "tool_use": {
      leftovers.collect(block, at, toolUseFields);
      // `caller: {type: "direct"}` is the default and comes back in every history.
      const caller = block["caller"];
      if (isObject(caller) && caller["type"] !== "direct") leftovers.note(`${at}.caller`, caller);
      const id = requiredString(block, "id", at);
      const name = requiredString(block, "name", at);
      const args = JSON.stringify(block["input"] ?? {});
      return { kind: "tool-call", id, name, arguments: args, at, ...cache(block) };
    }
    case "tool_result": {
      leftovers.collect(block, at, toolResultFields);
      const callId = requiredString(block, "tool_use_id", at);
      const content = decodeContent(block["content"], `${at}.content`, decoding);
      const isError = booleanField(block, "is_error", at) ?? false;
      return { kind: "tool-result", callId, content, isError, at, ...cache(block) };
    }
    default:
      return foreign(block, at);
  }
}

/** The cache marker of a block or tool, ready to be spread. */
export function cache(block: JsonObject): { cache?: CacheMarker } {
  const control = block["cache_control"];
  if (!isObject(control)) return {};
  return { cache: typeof control["ttl"] === "string" ? { ttl: control["ttl"] } : {} };
}

function decodeText(block: JsonObject, at: string, leftovers: Leftovers): TextPart {
  leftovers.collect(block, at, textFields);
  const citations = block["citations"];
  return {
    kind: "text",
    text: requiredString(block, "text", at),
    at,
    ...cache(block),
    ...(Array.isArray(citations) &&
      citations.length > 0 && { annotations: { dialect: "anthropic" as const, items: citations } }),
  };
}

function decodeImage(block: JsonObject, at: string, leftovers: Leftovers): ImagePart | undefined {
  const source = decodeSource(requiredObject(block, "source", at), `${at}.source`);
  if (source === undefined) return undefined;
  leftovers.collect(block, at, imageFields);
  return { kind: "image", source, at, ...cache(block) };
}

function decodeDocument(block: JsonObject, at: string, leftovers: Leftovers): DocumentPart | undefined {
  const given = requiredObject(block, "source", at);
  const source =
    given["type"] === "text"
      ? { kind: "text" as const, text: requiredString(given, "data", `${at}.source`) }
      : decodeSource(given, `${at}.source`);
  if (source === undefined) return undefined;
  leftovers.collect(block, at, documentFields);
  const name = stringField(block, "title", at);
  return { kind: "document", source, at, ...(name !== undefined && { name }), ...cache(block) };
}

/** @returns undefined for sources that have no neutral form (a document made of blocks) */
function decodeSource(source: JsonObject, at: string): MediaSource | undefined {
  switch (requiredString(source, "type", at)) {
    case "url":
      return { kind: "url", url: requiredString(source, "url", at) };
    case "base64": {
      const mediaType = requiredString(source, "media_type", at);
      return { kind: "base64", mediaType, data: requiredString(source, "data", at) };
    }
    case "file":
      return { kind: "file", id: requiredString(source, "file_id", at) };
    default:
      return undefined;
  }
}

function foreign(block: JsonObject, at: string): Part {
  return { kind: "foreign", dialect: "anthropic", value: block, at };
}

/** Refuses content that a request cannot have in this place. */
export function requireContent(parts: readonly Part[], at: string): void {
  if (parts.length === 0) throw new InvalidRequestError(at, `${at} is required.`);
}
