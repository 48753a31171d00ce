/** Images, documents and audio as Gemini's parts; what it cannot take is reported, or refused where it is a file. */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { AudioPart, DocumentPart, ImagePart, MediaSource } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import { audioType, typeOfAddress } from "./media.ts";
import type { ModelTraits } from "./model-traits.ts";

/** What encoders of parts share during one request. */
export interface Encoding {
  readonly losses: Losses;
  readonly traits: ModelTraits;
  /** The request came in this dialect: its files and parts mean something here. */
  readonly isOwn: boolean;
}

type Media = ImagePart | DocumentPart | AudioPart;

/**
 * @returns undefined when nothing is left to send
 * @throws InvalidRequestError for a file that the model cannot fetch: without it, it would be another question
 */
export function encodeMedia(part: Media, at: string, encoding: Encoding): JsonObject | undefined {
  const { losses } = encoding;
  switch (part.kind) {
    case "audio":
      return { inlineData: { mimeType: audioType(part.format), data: part.data } };
    case "image":
      if (part.detail !== undefined && part.detail !== "auto")
        losses.dropped(`${at}.detail`, "Gemini has no detail level for images");
      return encodeSource(part.source, at, "image/jpeg", encoding);
    case "document": {
      const { source } = part;
      if (part.name !== undefined) losses.dropped(`${at}.name`, "Gemini takes no names of files");
      if (source.kind === "text")
        return { inlineData: { mimeType: "text/plain", data: Buffer.from(source.text).toString("base64") } };
      return encodeSource(source, at, "application/pdf", encoding);
    }
    default: {
      const never: never = part;
      return never;
    }
  }
}

/** @param presumed the type of a file whose address does not tell */
function encodeSource(
  source: MediaSource,
  at: string,
  presumed: string,
  { losses, traits, isOwn }: Encoding,
): JsonObject | undefined {
  switch (source.kind) {
    case "base64":
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case "url":
      if (!traits.urls || !source.url.startsWith("https://")) {
        const what = traits.urls
          ? "Gemini fetches files by https only"
          : "this model fetches no files by URL";
        throw new InvalidRequestError(at, `${what}; send the bytes instead`, 400, "file_url_not_supported");
      }
      return fileData(source.url, presumed);
    case "file":
      if (isOwn) return fileData(source.id, presumed);
      losses.droppedContent(at, "the file lies in another provider's store");
      return undefined;
    default: {
      const never: never = source;
      return never;
    }
  }
}

function fileData(fileUri: string, presumed: string): JsonObject {
  return { fileData: { mimeType: typeOfAddress(fileUri) ?? presumed, fileUri } };
}
