/** Images, documents and audio as Gemini's parts; what it cannot take is reported, or refused where it is a file. */
import { audioType } from "../../conversation/audio.ts";
import { type FileKind, refuseUrl } from "../../conversation/files.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { AudioPart, DocumentPart, ImagePart, MediaSource } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import { typeOfAddress } from "./media.ts";
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
      if (part.source.kind === "url") return encodeSource(part.source, at, part.kind, encoding);
      return { inlineData: { mimeType: audioType(part.source.format), data: part.source.data } };
    case "image":
      if (part.detail !== undefined && part.detail !== "auto")
        losses.dropped(`${at}.detail`, "Gemini has no detail level for images");
      return encodeSource(part.source, at, part.kind, encoding);
    case "document": {
      const { source } = part;
      if (part.name !== undefined) losses.dropped(`${at}.name`, "Gemini takes no names of files");
      if (source.kind === "text")
        return { inlineData: { mimeType: "text/plain", data: Buffer.from(source.text).toString("base64") } };
      return encodeSource(source, at, part.kind, encoding);
    }
    default: {
      const never: never = part;
      return never;
    }
  }
}

/** Types of files whose addresses do not tell. */
const presumedTypes: Readonly<Record<FileKind, string>> = {
  image: "image/jpeg",
  document: "application/pdf",
  audio: "audio/mp3",
};

/** Why the model cannot fetch it by itself; undefined: it can. */
export function urlObjection(url: string, traits: ModelTraits): string | undefined {
  if (!traits.urls) return "this model fetches no files by URL";
  return url.startsWith("https://") ? undefined : "Gemini fetches files by https only";
}

function encodeSource(
  source: MediaSource,
  at: string,
  kind: FileKind,
  { losses, traits, isOwn }: Encoding,
): JsonObject | undefined {
  switch (source.kind) {
    case "base64":
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case "url": {
      const objection = urlObjection(source.url, traits);
      if (objection !== undefined) refuseUrl({ at, kind, objection });
      return fileData(source.url, presumedTypes[kind]);
    }
    case "file":
      if (isOwn) return fileData(source.id, presumedTypes[kind]);
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
