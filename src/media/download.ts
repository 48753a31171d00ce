/** One file: through redirects to its bytes, within its limits. */
import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FetchedFile } from "../conversation/files.ts";
import { declaredType, typeOfBytes } from "./content-type.ts";
import { MediaFetchError, MediaUnavailableError, tooLarge } from "./error.ts";
import { type Location, locationOf } from "./location.ts";
import { get, type Network, reachableAddresses } from "./network.ts";

export interface DownloadRules {
  allows(host: string, port: number): boolean;
  readonly allowPrivate: boolean;
}

/** Room for bytes, shared with other files. */
export interface Room {
  /** Bytes. */
  readonly left: number;
  /** @throws MediaFetchError, MediaUnavailableError when there is not so much */
  take(bytes: number): void;
}

const maxRedirects = 3;
/** Servers nearby send faster than they can be decrypted; a file that is not read on for a turn is paused. */
const bytesPerTurn = 64 * 1024;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * @param signal ends it; its reason is then what is thrown
 * @throws MediaFetchError, MediaUnavailableError
 */
export async function download(
  url: string,
  rules: DownloadRules,
  network: Network,
  room: Room,
  signal: AbortSignal,
): Promise<FetchedFile> {
  try {
    return await followed(locationOf(url, rules.allows), rules, network, room, signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof MediaFetchError || error instanceof MediaUnavailableError) throw error;
    throw new MediaFetchError("unreachable", `its server cannot be reached${codeOf(error)}`);
  }
}

async function followed(
  first: Location,
  rules: DownloadRules,
  network: Network,
  room: Room,
  signal: AbortSignal,
): Promise<FetchedFile> {
  let location = first;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const addresses = await unlessAborted(reachableAddresses(location, network, rules.allowPrivate), signal);
    const answer = await get(location, addresses, network, signal);
    try {
      const next = redirects.has(answer.statusCode ?? 0) ? answer.headers.location : undefined;
      if (next === undefined) return await read(answer, room);
      location = locationOf(next, rules.allows, location.url);
    } finally {
      answer.destroy();
    }
  }
  throw new MediaFetchError("redirects", `it is redirected more than ${maxRedirects} times`);
}

async function read(answer: IncomingMessage, room: Room): Promise<FetchedFile> {
  const { statusCode, headers } = answer;
  if (statusCode !== 200) throw new MediaFetchError("status", `its server answers ${statusCode}`);
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") throw new MediaFetchError("encoding", "its server sends it compressed");
  const declared = declaredType(headers["content-type"]);
  const bytes = await bodyOf(answer, Number(headers["content-length"] ?? Number.NaN), room);
  return { mediaType: typeOfBytes(bytes, declared), bytes };
}

/**
 * Into memory that threads share, so that a translation on another thread needs no copy. Pages that are not written to
 * cost nothing, so that a body of unknown length gets all the room that there is.
 *
 * @param length NaN when the server does not tell
 */
async function bodyOf(answer: IncomingMessage, length: number, room: Room): Promise<Uint8Array> {
  if (length > room.left) throw tooLarge();
  const bytes = new Uint8Array(new SharedArrayBuffer(Number.isNaN(length) ? room.left : length));
  let end = 0;
  let sinceTurn = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    if (chunk.length > bytes.length - end) throw tooLarge();
    room.take(chunk.length);
    bytes.set(chunk, end);
    end += chunk.length;
    sinceTurn += chunk.length;
    if (sinceTurn < bytesPerTurn) continue;
    sinceTurn = 0;
    await nextTurn();
  }
  if (end === 0) throw new MediaFetchError("type", "it is empty");
  return bytes.subarray(0, end);
}

/** The resolver of names cannot be stopped; its answer is then not waited for. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) return aborted();
    signal.addEventListener("abort", aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}

/** Node's and OpenSSL's names of errors; their messages hold addresses. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z][A-Z0-9_]{2,63}$/.test(code) ? ` (${code})` : "";
}
