/**
 * Files that a request names by URL, for targets that take only bytes: which ones they are, and the request with the
 * bytes in their place. Where the bytes come from is not this file's business.
 */
import { audioFormat } from "./audio.ts";
import { InvalidRequestError } from "./error.ts";
import type { AudioPart, DocumentPart, ImagePart, Part } from "./parts.ts";
import type { ConversationRequest } from "./request.ts";

export type FileKind = FilePart["kind"];
type FilePart = ImagePart | DocumentPart | AudioPart;

/** Why a target cannot take a file by this URL; undefined: it can. */
export type UrlObjection = (kind: FileKind, url: string) => string | undefined;

/** A file that the target cannot take as it is named. */
export interface UntakenFile {
  /** JSON path of the first part that names it. */
  readonly at: string;
  readonly kind: FileKind;
  readonly url: string;
  /** A sentence without its end. */
  readonly objection: string;
}

/** A file's bytes and what they are, e.g. `image/png`. */
export interface FetchedFile {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What the gateway has fetched for one request, and what it may put into it at most. */
export interface FetchedFiles {
  readonly byUrl: ReadonlyMap<string, FetchedFile>;
  /** Different URLs. */
  readonly maxFiles: number;
  /** All files together, each as often as it is named. */
  readonly maxBytes: number;
}

/** Each once, in the order of their first naming. */
export function untakenFiles(request: ConversationRequest, objectionTo: UrlObjection): UntakenFile[] {
  const found = new Map<string, UntakenFile>();
  for (const turn of request.turns) {
    for (const part of turn.parts) collect(part, turn.at, objectionTo, found);
  }
  return [...found.values()];
}

function collect(
  part: Part,
  turnPath: string,
  objectionTo: UrlObjection,
  found: Map<string, UntakenFile>,
): void {
  const at = part.at ?? turnPath;
  if (part.kind === "tool-result") {
    for (const inner of part.content) collect(inner, at, objectionTo, found);
    return;
  }
  if (!isFile(part) || part.source.kind !== "url") return;
  const { url } = part.source;
  const objection = found.has(url) ? undefined : objectionTo(part.kind, url);
  if (objection !== undefined) found.set(url, { at, kind: part.kind, url, objection });
}

/** @throws InvalidRequestError: without the file, it would be another question */
export function refuseUrl({ at, kind, objection }: Omit<UntakenFile, "url">): never {
  const remedy = `send the ${kind} as base64 data, or have the gateway fetch it (media.fetch in its policy)`;
  throw new InvalidRequestError(at, `${objection}: ${remedy}`, 400, "file_url_not_supported");
}

/**
 * Which of them still have to be fetched.
 *
 * @throws InvalidRequestError when they are more than may be
 */
export function missingFiles(untaken: readonly UntakenFile[], fetched: FetchedFiles): UntakenFile[] {
  const excess = untaken[fetched.maxFiles];
  if (excess !== undefined) {
    const message = `the gateway fetches at most ${fetched.maxFiles} files for a request; send this one as base64 data`;
    throw fetchFailed(excess.at, message);
  }
  return untaken.filter(({ url }) => !fetched.byUrl.has(url));
}

/**
 * The request with the bytes of every file that was fetched in place of its URL, where the target cannot take it.
 *
 * @throws InvalidRequestError when a file is not what its part says, or they are too large together
 */
export function withFiles(
  request: ConversationRequest,
  objectionTo: UrlObjection,
  fetched: FetchedFiles,
): ConversationRequest {
  const insertion = new Insertion(objectionTo, fetched);
  const turns = request.turns.map((turn) => {
    const parts = turn.parts.map((part) => insertion.part(part, turn.at));
    return parts.some((part, index) => part !== turn.parts[index]) ? { ...turn, parts } : turn;
  });
  return { ...request, turns };
}

class Insertion {
  readonly #objectionTo: UrlObjection;
  readonly #fetched: FetchedFiles;
  /** A file that is named twice is printed twice, but encoded once. */
  readonly #base64 = new Map<FetchedFile, string>();
  #bytes = 0;

  constructor(objectionTo: UrlObjection, fetched: FetchedFiles) {
    this.#objectionTo = objectionTo;
    this.#fetched = fetched;
  }

  part(part: Part, turnPath: string): Part {
    const at = part.at ?? turnPath;
    if (part.kind === "tool-result") {
      const content = part.content.map((inner) => this.part(inner, at));
      return content.some((inner, index) => inner !== part.content[index]) ? { ...part, content } : part;
    }
    if (!isFile(part) || part.source.kind !== "url") return part;
    const { url } = part.source;
    const file = this.#fetched.byUrl.get(url);
    if (file === undefined || this.#objectionTo(part.kind, url) === undefined) return part;
    this.#bytes += file.bytes.length;
    if (this.#bytes > this.#fetched.maxBytes) {
      throw fetchFailed(at, `the files of the request have more than ${this.#fetched.maxBytes} bytes`);
    }
    return this.#filled(part, file, at);
  }

  #filled(part: FilePart, file: FetchedFile, at: string): FilePart {
    const { mediaType } = file;
    if (!fits(part.kind, mediaType)) {
      throw fetchFailed(at, `there is no ${part.kind} at this URL, but ${mediaType}`);
    }
    const data = this.#encoded(file);
    switch (part.kind) {
      case "image":
      case "document":
        return { ...part, source: { kind: "base64", mediaType, data } };
      case "audio":
        return { ...part, source: { kind: "base64", format: audioFormat(mediaType), data } };
      default: {
        const never: never = part;
        return never;
      }
    }
  }

  #encoded(file: FetchedFile): string {
    const known = this.#base64.get(file);
    if (known !== undefined) return known;
    const { buffer, byteOffset, byteLength } = file.bytes;
    const data = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
    this.#base64.set(file, data);
    return data;
  }
}

function isFile(part: Part): part is FilePart {
  return part.kind === "image" || part.kind === "document" || part.kind === "audio";
}

function fits(kind: FileKind, mediaType: string): boolean {
  switch (kind) {
    case "image":
    case "audio":
      return mediaType.startsWith(`${kind}/`);
    case "document":
      return mediaType === "application/pdf" || mediaType.startsWith("text/");
    default: {
      const never: never = kind;
      return never;
    }
  }
}

/** A file that the policy lets the gateway fetch, and that cannot be had all the same. */
export function fetchFailed(at: string, message: string): InvalidRequestError {
  return new InvalidRequestError(at, message, 400, "media_fetch_failed");
}
