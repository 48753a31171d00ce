/** MIME types and addresses of media, as Gemini wants them told. */

const typesByEnding: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
  mp3: "audio/mp3",
  wav: "audio/wav",
  aiff: "audio/aiff",
  aac: "audio/aac",
  ogg: "audio/ogg",
  flac: "audio/flac",
};

/** What the address itself tells of the file's type. */
export function typeOfAddress(address: string): string | undefined {
  const ending = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(address)?.[1]?.toLowerCase();
  return ending === undefined ? undefined : typesByEnding[ending];
}

export type MediaKind = "image" | "document" | "audio" | "other";

export function mediaKind(mediaType: string): MediaKind {
  if (mediaType.startsWith("image/")) return "image";
  if (mediaType.startsWith("audio/")) return "audio";
  const isDocument = mediaType === "application/pdf" || mediaType.startsWith("text/");
  return isDocument ? "document" : "other";
}

/** Google's own places for files: means nothing to other providers. */
export function isGoogleFile(address: string): boolean {
  return /^gs:\/\/|^https:\/\/generativelanguage\.googleapis\.com\/|^files\//.test(address);
}

/** A video that Gemini watches itself. */
export function isYouTube(address: string): boolean {
  return /^https?:\/\/((www|m)\.)?(youtube\.com|youtu\.be)\//.test(address);
}
