/** Media in user turns and tool results, to neutral parts. */
import { audioFormat } from "../../conversation/audio.ts";
import type { Part } from "../../conversation/parts.ts";
import { isGoogleFile, isYouTube, mediaKind, typeOfAddress } from "./media.ts";
import type { ReadPart } from "./read-part.ts";

type Inline = Extract<ReadPart, { kind: "inline" }>;
type File = Extract<ReadPart, { kind: "file" }>;

/** Undefined for what has no neutral form: videos. */
export function decodeMedia(read: Inline | File, name?: string): Part | undefined {
  return read.kind === "inline" ? decodeInline(read, name) : decodeFile(read, name);
}

function decodeInline({ mediaType, data }: Inline, name: string | undefined): Part | undefined {
  switch (mediaKind(mediaType)) {
    case "image":
      return { kind: "image", source: { kind: "base64", mediaType, data } };
    case "document":
      return { kind: "document", source: { kind: "base64", mediaType, data }, ...named(name) };
    case "audio":
      return { kind: "audio", source: { kind: "base64", format: audioFormat(mediaType), data } };
    default:
      return undefined;
  }
}

function decodeFile({ uri, mediaType }: File, name: string | undefined): Part | undefined {
  if (isYouTube(uri)) return undefined;
  const source = isGoogleFile(uri)
    ? ({ kind: "file", id: uri } as const)
    : ({ kind: "url", url: uri } as const);
  switch (mediaKind(mediaType ?? typeOfAddress(uri) ?? "")) {
    case "image":
      return { kind: "image", source };
    case "document":
      return { kind: "document", source, ...named(name) };
    case "audio":
      return source.kind === "url" ? { kind: "audio", source } : undefined;
    default:
      return undefined;
  }
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}
