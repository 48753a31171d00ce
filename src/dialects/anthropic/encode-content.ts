/**
 * Parts of requests, to content blocks. What the format cannot say is reported and left out.
 *
 * Source: https://docs.anthropic.com/en/api/messages
 */
import type { Losses } from "../../conversation/losses.ts";
import type {
  DocumentPart,
  ImagePart,
  MediaSource,
  Part,
  ReasoningPart,
  TextPart,
} from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { Restorer } from "../leftovers.ts";
import type { CacheMarkers } from "./cache-markers.ts";

/** What encoders of parts share during one request. */
export interface Encoding {
  readonly losses: Losses;
  readonly markers: CacheMarkers;
  readonly restorer: Restorer;
  /** The request came in this dialect: its file ids and blocks mean something here. */
  readonly isOwn: boolean;
}

const imageTypes = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/** Where a part stands; not every block may stand everywhere. */
export type Place = "system" | "user" | "assistant" | "tool-result";

/**
 * Every part but tool calls and results, which need their ids matched.
 * @returns undefined when nothing is left to send
 */
export function encodePart(part: Part, place: Place, encoding: Encoding): JsonObject | undefined {
  const block = blockOf(part, place, encoding);
  if (block === undefined) {
    if (part.cache !== undefined)
      encoding.losses.dropped(`${pathOf(part)}.cache_control`, "the block that was to be cached is not sent");
    return undefined;
  }
  encoding.restorer.restore(block, part.at);
  if (part.kind !== "reasoning") encoding.markers.mark(block, part.cache, part.at, encoding.losses);
  return block;
}

function blockOf(part: Part, place: Place, encoding: Encoding): JsonObject | undefined {
  const { losses } = encoding;
  switch (part.kind) {
    case "text":
      return encodeText(part, place, losses);
    case "refusal":
      losses.approximated(pathOf(part), "Anthropic has no refusal part; it is sent as text");
      return encodeText({ ...part, kind: "text" }, place, losses);
    case "image":
      if (place === "system" || place === "assistant") return misplaced(part, place, losses);
      return encodeImage(part, encoding);
    case "document":
      if (place === "system" || place === "assistant") return misplaced(part, place, losses);
      return encodeDocument(part, encoding);
    case "audio":
      losses.droppedContent(pathOf(part), "Anthropic takes no audio");
      return undefined;
    case "reasoning":
      return place === "assistant" ? encodeReasoning(part, losses) : misplaced(part, place, losses);
    case "foreign":
      if (part.dialect === "anthropic") return { ...part.value };
      losses.droppedContent(pathOf(part), `only ${part.dialect} knows this part`);
      return undefined;
    case "tool-call":
    case "tool-result":
      return misplaced(part, place, losses);
    default: {
      const never: never = part;
      return never;
    }
  }
}

/** Anthropic refuses texts without a visible character, and they tell the model nothing: left out, not reported. */
function encodeText(part: TextPart, place: Place, losses: Losses): JsonObject | undefined {
  if (part.text.trim() === "") return undefined;
  const block: JsonObject = { type: "text", text: part.text };
  const annotations = part.annotations;
  if (annotations !== undefined && annotations.items.length > 0) {
    // API version 2026-10-21 refuses citations in user turns.
    if (annotations.dialect === "anthropic" && place === "assistant")
      block["citations"] = [...annotations.items];
    else
      losses.dropped(
        `${pathOf(part)}.${citationsName(part)}`,
        "Anthropic takes its own citations in assistant turns only",
      );
  }
  return block;
}

function citationsName(part: TextPart): string {
  return part.annotations?.dialect === "anthropic" ? "citations" : "annotations";
}

function encodeImage(part: ImagePart, encoding: Encoding): JsonObject | undefined {
  const { losses } = encoding;
  if (part.detail !== undefined && part.detail !== "auto")
    losses.dropped(`${pathOf(part)}.detail`, "Anthropic has no detail level for images");
  if (part.source.kind === "base64" && !imageTypes.has(part.source.mediaType)) {
    losses.droppedContent(pathOf(part), `Anthropic takes no images of the type ${part.source.mediaType}`);
    return undefined;
  }
  const source = encodeSource(part.source, pathOf(part), encoding);
  return source && { type: "image", source };
}

function encodeDocument(part: DocumentPart, encoding: Encoding): JsonObject | undefined {
  const source = documentSource(part, encoding);
  if (source === undefined) return undefined;
  return { type: "document", source, ...(part.name !== undefined && { title: part.name }) };
}

function documentSource(part: DocumentPart, encoding: Encoding): JsonObject | undefined {
  const { source } = part;
  if (source.kind === "text") return { type: "text", media_type: "text/plain", data: source.text };
  if (source.kind === "base64" && source.mediaType !== "application/pdf") {
    if (source.mediaType.startsWith("text/")) {
      const data = Buffer.from(source.data, "base64").toString("utf8");
      return { type: "text", media_type: "text/plain", data };
    }
    encoding.losses.droppedContent(
      pathOf(part),
      `Anthropic takes no documents of the type ${source.mediaType}`,
    );
    return undefined;
  }
  return encodeSource(source, pathOf(part), encoding);
}

function encodeSource(source: MediaSource, at: string, encoding: Encoding): JsonObject | undefined {
  switch (source.kind) {
    case "url":
      return { type: "url", url: source.url };
    case "base64":
      return { type: "base64", media_type: source.mediaType, data: source.data };
    case "file":
      if (encoding.isOwn) return { type: "file", file_id: source.id };
      encoding.losses.droppedContent(at, "the file lies in another provider's store");
      return undefined;
    default: {
      const never: never = source;
      return never;
    }
  }
}

/** Only what Claude signed goes back to it: Anthropic answers 400 to any other thinking block. */
function encodeReasoning(part: ReasoningPart, losses: Losses): JsonObject | undefined {
  if (part.origin === "anthropic" && part.redacted !== undefined)
    return { type: "redacted_thinking", data: part.redacted };
  if (part.origin === "anthropic" && part.signature !== undefined)
    return { type: "thinking", thinking: part.text, signature: part.signature };
  losses.dropped(
    pathOf(part),
    part.origin === "anthropic"
      ? "thinking without signature cannot be sent back"
      : `the reasoning is ${part.origin}'s; Claude accepts only its own`,
  );
  return undefined;
}

function misplaced(part: Part, place: Place, losses: Losses): undefined {
  const where = place === "tool-result" ? "a tool result" : `${place} turns`;
  losses.droppedContent(pathOf(part), `Anthropic takes no ${part.kind} in ${where}`);
  return undefined;
}

function pathOf(part: Part): string {
  return part.at ?? "messages";
}
