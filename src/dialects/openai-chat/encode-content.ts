/** Parts as the content of an OpenAI message; what OpenAI cannot take is reported as lost. */
import type { FileKind } from "../../conversation/files.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { AudioPart, DocumentPart, ImagePart, Part } from "../../conversation/parts.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { formatDataUrl } from "./data-url.ts";

/** What an encoder of messages must know of the request it is in. */
export interface ContentContext {
  readonly losses: Losses;
  /** The client spoke this dialect too, so ids in OpenAI's file store mean something. */
  readonly isOwnDialect: boolean;
}

/** OpenAI's audio is one of these. Source: https://platform.openai.com/docs/guides/audio */
const audioFormats = ["wav", "mp3"];

/**
 * One part of a system or assistant message, which are made of words alone; undefined when nothing is left of it.
 * @param at path of the message, for parts that do not know their own
 */
export function encodeWords(
  part: Part,
  role: "system" | "assistant",
  at: string,
  context: ContentContext,
): JsonObject | undefined {
  const encoded = encodePart(part, at, context);
  const isWords = encoded === undefined || encoded["type"] === "text" || encoded["type"] === "refusal";
  // A client of this dialect is told by its own server.
  if (isWords || context.isOwnDialect) return encoded;
  context.losses.droppedContent(part.at ?? at, `OpenAI takes no ${part.kind} in ${role} messages.`);
  return undefined;
}

/**
 * One part of a user message or of a tool's result; undefined when nothing is left of it.
 * @param at path of the message, for parts that do not know their own
 */
export function encodePart(part: Part, at: string, context: ContentContext): JsonObject | undefined {
  const { losses } = context;
  const path = part.at ?? at;
  if (part.cache !== undefined) {
    losses.approximated(
      `${path}.cache_control`,
      "OpenAI caches long prompts by itself; markers are not sent.",
    );
  }
  switch (part.kind) {
    case "text":
      if (part.annotations !== undefined && part.annotations.items.length > 0) {
        losses.dropped(`${path}.citations`, "OpenAI takes no citations in messages.");
      }
      return { type: "text", text: part.text };
    case "refusal":
      return { type: "refusal", refusal: part.text };
    case "image":
      return encodeImage(part, path, context);
    case "document":
      return encodeDocument(part, path, context);
    case "audio":
      return encodeAudio(part, path, context);
    case "foreign":
      if (part.dialect === "openai-chat") return part.value;
      losses.droppedContent(path, `OpenAI has no ${foreignType(part.value)} content.`);
      return undefined;
    case "reasoning":
      losses.dropped(path, "OpenAI takes no reasoning in messages.");
      return undefined;
    case "tool-call":
    case "tool-result":
      losses.droppedContent(path, `OpenAI has no ${part.kind} in this message.`);
      return undefined;
    default: {
      const unknown: never = part;
      throw new TypeError(`unknown part: ${JSON.stringify(unknown)}`);
    }
  }
}

/** One plain text as a string, which every compatible server takes; anything else as a list. */
export function contentOf(parts: readonly JsonObject[]): JsonValue {
  const [first] = parts;
  if (first === undefined) return "";
  return parts.length === 1 && typeof first["text"] === "string" ? first["text"] : [...parts];
}

/** What a foreign part is called in its own dialect. */
export function foreignType(value: JsonObject): string {
  return typeof value["type"] === "string" ? value["type"] : "such";
}

/** Source: https://platform.openai.com/docs/api-reference/chat/create (`messages[].content`) */
const bytesOnly = {
  document: "OpenAI takes no documents by URL",
  audio: "OpenAI takes no audio by URL",
} as const;

/** Why OpenAI cannot take a file by any URL; undefined: it fetches files of the kind. */
export function urlObjection(kind: FileKind): string | undefined {
  return kind === "image" ? undefined : bytesOnly[kind];
}

function encodeAudio({ source }: AudioPart, path: string, context: ContentContext): JsonObject | undefined {
  if (source.kind === "url") {
    context.losses.droppedContent(path, `${bytesOnly.audio}.`);
    return undefined;
  }
  const { data, format } = source;
  if (audioFormats.includes(format) || context.isOwnDialect)
    return { type: "input_audio", input_audio: { data, format } };
  context.losses.droppedContent(path, `OpenAI takes no audio of the format ${format}.`);
  return undefined;
}

function encodeImage(part: ImagePart, path: string, context: ContentContext): JsonObject | undefined {
  const { source } = part;
  if (source.kind === "file") {
    context.losses.droppedContent(path, "The image is in another provider's file store.");
    return undefined;
  }
  const url = source.kind === "url" ? source.url : formatDataUrl(source);
  return {
    type: "image_url",
    image_url: { url, ...(part.detail === undefined ? {} : { detail: part.detail }) },
  };
}

function encodeDocument(part: DocumentPart, path: string, context: ContentContext): JsonObject | undefined {
  const { source } = part;
  const { losses } = context;
  switch (source.kind) {
    case "text":
      losses.approximated(path, "OpenAI takes PDF files only; the text document is sent as plain text.");
      return { type: "text", text: titled(part.name, source.text) };
    case "url":
      losses.droppedContent(path, `${bytesOnly.document}.`);
      return undefined;
    case "file":
      if (context.isOwnDialect) return { type: "file", file: { file_id: source.id, ...named(part.name) } };
      losses.droppedContent(path, "The document is in another provider's file store.");
      return undefined;
    case "base64": {
      if (!source.mediaType.startsWith("text/")) {
        // OpenAI demands a name beside the data.
        const name = part.name ?? "document.pdf";
        return { type: "file", file: { filename: name, file_data: formatDataUrl(source) } };
      }
      losses.approximated(path, "OpenAI takes PDF files only; the text document is sent as plain text.");
      return { type: "text", text: titled(part.name, Buffer.from(source.data, "base64").toString("utf8")) };
    }
    default: {
      const unknown: never = source;
      throw new TypeError(`unknown source: ${JSON.stringify(unknown)}`);
    }
  }
}

function named(name: string | undefined): JsonObject {
  return name === undefined ? {} : { filename: name };
}

function titled(name: string | undefined, text: string): string {
  return name === undefined ? text : `${name}\n\n${text}`;
}
