/**
 * Parts of requests, to content blocks. What the format cannot say is reported and left out; what the answer would
 * be wrong without is refused.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
 */
import { refuseUrl } from "../../conversation/files.ts";
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
import type { CachePoints } from "./cache-points.ts";
import { type DocumentNames, fetchesOnlyS3, formatInS3, formatOfType } from "./documents.ts";
import type { ModelTraits } from "./model-traits.ts";

/** What encoders of parts share during one request. */
export interface Encoding {
  readonly losses: Losses;
  readonly traits: ModelTraits;
  readonly cachePoints: CachePoints;
  readonly names: DocumentNames;
}

/** Where a part stands; not every block may stand everywhere. */
export type Place = "system" | "user" | "assistant" | "tool-result";

/**
 * Every part but tool calls and results, which need their ids matched.
 *
 * @returns the block, with its cache point behind it; nothing when nothing is left to send
 */
export function encodePart(part: Part, place: Place, encoding: Encoding): JsonObject[] {
  const block = blockOf(part, place, encoding);
  if (block !== undefined) return withCachePoint(block, part, place, encoding);
  if (part.cache !== undefined)
    encoding.losses.dropped(`${pathOf(part)}.cache_control`, "the block that was to be cached is not sent");
  return [];
}

/** The block, and the cache point that its part asks for. */
export function withCachePoint(
  block: JsonObject,
  part: Part,
  place: Place,
  encoding: Encoding,
): JsonObject[] {
  if (part.cache === undefined) return [block];
  if (place === "tool-result" || part.kind === "reasoning") {
    encoding.losses.dropped(`${pathOf(part)}.cache_control`, "Bedrock takes no cache point there");
    return [block];
  }
  const point = encoding.cachePoints.point(part.cache, part.at, "prompt");
  return point === undefined ? [block] : [block, point];
}

function blockOf(part: Part, place: Place, encoding: Encoding): JsonObject | undefined {
  const { losses } = encoding;
  switch (part.kind) {
    case "text":
      return encodeText(part, losses);
    case "refusal":
      losses.approximated(pathOf(part), "Bedrock has no refusal block; it is sent as text");
      return encodeText({ ...part, kind: "text" }, losses);
    case "image":
    case "document":
      return encodeMedia(part, place, encoding);
    case "audio":
      losses.droppedContent(pathOf(part), "audio is not sent to Bedrock");
      return undefined;
    case "reasoning":
      return place === "assistant" ? encodeReasoning(part, encoding) : misplaced(part, place, losses);
    case "foreign":
      if (part.dialect === "bedrock-converse") return part.value;
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

/** Bedrock refuses texts without a visible character, and they tell the model nothing: left out, not reported. */
function encodeText(part: TextPart, losses: Losses): JsonObject | undefined {
  if (part.annotations !== undefined && part.annotations.items.length > 0)
    losses.dropped(`${pathOf(part)}.citations`, "citations are not sent back to Bedrock");
  return part.text.trim() === "" ? undefined : { text: part.text };
}

function encodeMedia(
  part: ImagePart | DocumentPart,
  place: Place,
  encoding: Encoding,
): JsonObject | undefined {
  const { losses, traits } = encoding;
  if (place === "system" || place === "assistant") return misplaced(part, place, losses);
  if (place === "tool-result" && !traits.inResults.has(part.kind)) {
    losses.droppedContent(pathOf(part), `this model takes no ${part.kind} in tool results`);
    return undefined;
  }
  return part.kind === "image" ? encodeImage(part, losses) : encodeDocument(part, encoding);
}

function encodeImage(part: ImagePart, losses: Losses): JsonObject | undefined {
  if (part.detail !== undefined && part.detail !== "auto")
    losses.dropped(`${pathOf(part)}.detail`, "Bedrock has no detail level for images");
  const encoded = encodeSource(part.source, part, losses);
  return encoded && { image: encoded };
}

function encodeDocument(part: DocumentPart, { losses, names }: Encoding): JsonObject | undefined {
  const source: MediaSource =
    part.source.kind === "text"
      ? { kind: "base64", mediaType: "text/plain", data: Buffer.from(part.source.text).toString("base64") }
      : part.source;
  const encoded = encodeSource(source, part, losses);
  if (encoded === undefined) return undefined;
  const { name, changed } = names.next(part.name);
  if (changed) losses.approximated(pathOf(part), "the document's name holds what Bedrock refuses in names");
  return { document: { name, ...encoded } };
}

/**
 * @returns `format` and `source`
 * @throws InvalidRequestError for a URL: the model would answer without what it is asked about
 */
function encodeSource(
  source: MediaSource,
  part: ImagePart | DocumentPart,
  losses: Losses,
): JsonObject | undefined {
  switch (source.kind) {
    case "base64": {
      const format = formatOfType(part.kind, source.mediaType);
      if (format !== undefined) return { format, source: { bytes: source.data } };
      losses.droppedContent(pathOf(part), `Bedrock takes no ${part.kind} of the type ${source.mediaType}`);
      return undefined;
    }
    case "url": {
      const format = formatInS3(part.kind, source.url);
      if (format !== undefined) return { format, source: { s3Location: { uri: source.url } } };
      return refuseUrl({ at: pathOf(part), kind: part.kind, objection: fetchesOnlyS3 });
    }
    case "file":
      losses.droppedContent(pathOf(part), "the file lies in another provider's store");
      return undefined;
    default: {
      const never: never = source;
      return never;
    }
  }
}

/** Only what Claude signed here goes back to it: anything else is answered with 400. */
function encodeReasoning(part: ReasoningPart, { traits, losses }: Encoding): JsonObject | undefined {
  if (part.origin === "bedrock-converse" && traits.claude !== undefined) {
    if (part.redacted !== undefined) return { reasoningContent: { redactedContent: part.redacted } };
    if (part.signature !== undefined)
      return { reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } };
  }
  losses.dropped(
    pathOf(part),
    part.origin === "bedrock-converse"
      ? "only Claude's signed reasoning can be sent back"
      : `the reasoning is ${part.origin}'s; Bedrock accepts only its own`,
  );
  return undefined;
}

function misplaced(part: Part, place: Place, losses: Losses): undefined {
  const where = place === "tool-result" ? "a tool result" : `${place} turns`;
  losses.droppedContent(pathOf(part), `Bedrock takes no ${part.kind} in ${where}`);
  return undefined;
}

function pathOf(part: Part): string {
  return part.at ?? "messages";
}
