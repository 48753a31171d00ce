/**
 * Documents and images as Converse takes them: a format instead of a MIME type, bytes or an object in S3 instead of
 * a URL, and for documents a name.
 *
 * Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html
 */
import type { FileKind } from "../../conversation/files.ts";

const documentFormats: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "text/html": "html",
  "text/markdown": "md",
  "text/plain": "txt",
};

const imageFormats: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
};

/** @returns undefined when Bedrock takes no media of the type; any text of another type is plain text */
export function formatOfType(kind: "image" | "document", mediaType: string): string | undefined {
  const bare = bareType(mediaType);
  if (kind === "image") return imageFormats[bare];
  return documentFormats[bare] ?? (bare.startsWith("text/") ? "txt" : undefined);
}

function formatOfName(kind: "image" | "document", url: string): string | undefined {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(url)?.[1]?.toLowerCase();
  const format = ending === "jpg" ? "jpeg" : ending;
  return Object.values(kind === "image" ? imageFormats : documentFormats).find((known) => known === format);
}

/** @returns undefined when the URL is not of an object in S3 whose name tells what it is */
export function formatInS3(kind: "image" | "document", url: string): string | undefined {
  return url.startsWith("s3://") ? formatOfName(kind, url) : undefined;
}

export const fetchesOnlyS3 = "Amazon Bedrock fetches no URLs but s3:// ones with the file's ending";

/** Why Bedrock cannot take a file by this URL; undefined: it can. Audio is not sent at all. */
export function urlObjection(kind: FileKind, url: string): string | undefined {
  return kind === "audio" || formatInS3(kind, url) !== undefined ? undefined : fetchesOnlyS3;
}

/** Without parameters such as `charset`. */
function bareType(mediaType: string): string {
  return (mediaType.split(";")[0] ?? "").trim().toLowerCase();
}

const maxNameLength = 200;

/** Names for the documents of one request: Bedrock takes few characters, and each name once. */
export class DocumentNames {
  readonly #used = new Set<string>();

  /** @returns the name to send, and whether more than a file's ending is gone from the one that was given */
  next(given: string | undefined): { readonly name: string; readonly changed: boolean } {
    // The format is said beside it, and names may hold no dots.
    const wanted = given?.replace(/\.[a-z0-9]{1,5}$/i, "");
    const valid = (wanted ?? "")
      .replace(/[^a-zA-Z0-9\s\-()[\]]/g, " ")
      .replace(/\s+/g, " ")
      .trim()
      .slice(0, maxNameLength - 8)
      .trim();
    const base = valid === "" ? "Document" : valid;
    let name = base;
    for (let number = 2; this.#used.has(name); number++) name = `${base} ${number}`;
    this.#used.add(name);
    return { name, changed: wanted !== undefined && name !== wanted };
  }
}
