/** Parts as the content of a message or a function's output; what the API cannot take is reported as lost. */
import type { Losses } from "../../conversation/losses.ts";
import type { DocumentPart, ImagePart, Part } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import { formatDataUrl } from "../openai-chat/data-url.ts";
import { foreignType } from "../openai-chat/encode-content.ts";

/** What an encoder of items must know of the request it is in. */
export interface ItemContext {
  readonly losses: Losses;
  /** The client spoke this dialect too, so its markers and its ids in OpenAI's file store mean something. */
  readonly isOwnDialect: boolean;
}

/**
 * One part of what is not the model's: instructions, questions, results. Undefined when nothing is left of it.
 * @param at path of the turn, for parts that do not know their own
 */
export function encodeInputPart(part: Part, at: string, context: ItemContext): JsonObject | undefined {
  const path = part.at ?? at;
  const encoded = contentOf(part, path, context);
  if (part.cache === undefined) return encoded;
  if (encoded !== undefined && context.isOwnDialect)
    return { ...encoded, prompt_cache_breakpoint: { mode: "explicit" } };
  reportMarker(path, context.losses);
  return encoded;
}

/** OpenAI caches long prompts by itself; other dialects' markers are not sent. */
export function reportMarker(path: string, losses: Losses): void {
  losses.approximated(`${path}.cache_control`, "OpenAI caches long prompts by itself; markers are not sent.");
}

function contentOf(part: Part, path: string, context: ItemContext): JsonObject | undefined {
  const { losses } = context;
  switch (part.kind) {
    case "text":
      if (part.annotations !== undefined && part.annotations.items.length > 0)
        losses.dropped(`${path}.annotations`, "Only the model's own messages have annotations.");
      return { type: "input_text", text: part.text };
    case "refusal":
      losses.approximated(path, "Only the model's own messages have refusals; it is sent as text.");
      return { type: "input_text", text: part.text };
    case "image":
      return encodeImage(part, path, context);
    case "document":
      return encodeDocument(part, path, context);
    case "audio":
      if (context.isOwnDialect && part.source.kind === "base64")
        return { type: "input_audio", input_audio: { data: part.source.data, format: part.source.format } };
      losses.droppedContent(path, "OpenAI's Responses API takes no audio.");
      return undefined;
    case "foreign":
      if (part.dialect === "openai-responses") return part.value;
      losses.droppedContent(path, `OpenAI has no ${foreignType(part.value)} content.`);
      return undefined;
    case "reasoning":
    case "tool-call":
    case "tool-result":
      losses.droppedContent(path, `OpenAI has no ${part.kind} in this place.`);
      return undefined;
    default: {
      const unknown: never = part;
      throw new TypeError(`unknown part: ${JSON.stringify(unknown)}`);
    }
  }
}

function encodeImage(part: ImagePart, path: string, context: ItemContext): JsonObject | undefined {
  const { source } = part;
  const detail = part.detail ?? "auto";
  switch (source.kind) {
    case "url":
      return { type: "input_image", image_url: source.url, detail };
    case "base64":
      return { type: "input_image", image_url: formatDataUrl(source), detail };
    case "file":
      if (context.isOwnDialect) return { type: "input_image", file_id: source.id, detail };
      context.losses.droppedContent(path, "The image is in another provider's file store.");
      return undefined;
    default: {
      const unknown: never = source;
      throw new TypeError(`unknown source: ${JSON.stringify(unknown)}`);
    }
  }
}

function encodeDocument(part: DocumentPart, path: string, context: ItemContext): JsonObject | undefined {
  const { source, name } = part;
  const named = name === undefined ? {} : { filename: name };
  switch (source.kind) {
    case "text":
      return plainText(name, source.text, path, context);
    case "url":
      return { type: "input_file", file_url: source.url, ...named };
    case "file":
      if (context.isOwnDialect) return { type: "input_file", file_id: source.id, ...named };
      context.losses.droppedContent(path, "The document is in another provider's file store.");
      return undefined;
    case "base64": {
      if (source.mediaType.startsWith("text/") && !context.isOwnDialect)
        return plainText(name, Buffer.from(source.data, "base64").toString("utf8"), path, context);
      // OpenAI demands a name beside the data.
      return { type: "input_file", filename: name ?? "document.pdf", file_data: formatDataUrl(source) };
    }
    default: {
      const unknown: never = source;
      throw new TypeError(`unknown source: ${JSON.stringify(unknown)}`);
    }
  }
}

function plainText(
  name: string | undefined,
  text: string,
  path: string,
  { losses }: ItemContext,
): JsonObject {
  losses.approximated(path, "The text document is sent as plain text.");
  return { type: "input_text", text: name === undefined ? text : `${name}\n\n${text}` };
}
