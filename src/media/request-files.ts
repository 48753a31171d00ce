/** The files of one request: each fetched once at most, whatever number of targets want it, and held until released. */
import { type FetchedFile, type FetchedFiles, fetchFailed, type UntakenFile } from "../conversation/files.ts";
import { type DownloadRules, download, type Room } from "./download.ts";
import { MediaFetchError, MediaUnavailableError, tooLarge } from "./error.ts";
import type { FetcherShare } from "./fetcher.ts";
import { Slots } from "./slots.ts";

export interface FetchLimits extends DownloadRules {
  /** All files together. */
  readonly maxBytes: number;
  /** Different files. */
  readonly maxFiles: number;
  /** For all files together, waiting for their turn included. */
  readonly timeoutMs: number;
}

/** One request shall not take all places. */
const maxAtOncePerRequest = 4;

export class RequestFiles {
  readonly #share: FetcherShare;
  readonly #limits: FetchLimits;
  readonly #slots = new Slots(maxAtOncePerRequest, Number.POSITIVE_INFINITY);
  readonly #files = new Map<string, Promise<FetchedFile>>();
  readonly #byUrl = new Map<string, FetchedFile>();
  readonly #released = new AbortController();
  #heldBytes = 0;
  #spentMs = 0;

  constructor(share: FetcherShare, limits: FetchLimits) {
    this.#share = share;
    this.#limits = limits;
  }

  /** What there is by now. */
  get fetched(): FetchedFiles {
    const { maxFiles, maxBytes } = this.#limits;
    return { byUrl: this.#byUrl, maxFiles, maxBytes };
  }

  /** Bytes of all files that there are. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** How long `fetch` may still take. */
  get leftMs(): number {
    return Math.max(0, this.#limits.timeoutMs - this.#spentMs);
  }

  /**
   * Fetches what is not there yet. What failed once is not tried again.
   *
   * @throws InvalidRequestError with the path of a file that cannot be had
   * @throws MediaUnavailableError when it is not the client's fault
   */
  async fetch(wanted: readonly UntakenFile[]): Promise<void> {
    const since = performance.now();
    const { leftMs } = this;
    try {
      await Promise.all(wanted.map((file) => this.#file(file, leftMs)));
    } finally {
      this.#spentMs += performance.now() - since;
    }
  }

  /** Ends what is under way and forgets what is there. */
  release(): void {
    this.#released.abort(new MediaUnavailableError("cancelled"));
    this.#share.giveBack(this.#heldBytes);
    this.#heldBytes = 0;
    this.#files.clear();
    this.#byUrl.clear();
  }

  async #file({ url, at, kind }: UntakenFile, leftMs: number): Promise<void> {
    let file = this.#files.get(url);
    if (file === undefined) {
      file = this.#start(url, leftMs);
      this.#files.set(url, file);
    }
    try {
      await file;
    } catch (error) {
      if (error instanceof MediaFetchError)
        throw fetchFailed(at, `the ${kind} at this URL cannot be fetched: ${error.message}`);
      throw error;
    }
  }

  async #start(url: string, leftMs: number): Promise<FetchedFile> {
    const { signal } = this.#released;
    signal.throwIfAborted();
    const ending = new AbortController();
    const end = () => ending.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    const late = () => ending.abort(new MediaFetchError("timeout", "it takes too long"));
    const timer = setTimeout(late, leftMs);
    try {
      return await this.#observed(url, ending.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }

  async #observed(url: string, signal: AbortSignal): Promise<FetchedFile> {
    const { network, slots, observe } = this.#share;
    const room = new FileRoom(
      () => this.#limits.maxBytes - this.#heldBytes,
      (bytes) => this.#hold(bytes),
    );
    const work = () => download(url, this.#limits, network, room, signal);
    try {
      const file = await this.#slots.run(() => slots.run(work, signal), signal);
      signal.throwIfAborted();
      this.#byUrl.set(url, file);
      observe("fetched", room.takenBytes);
      return file;
    } catch (error) {
      this.#giveBack(room.takenBytes);
      if (error instanceof MediaFetchError) observe(error.failure, room.takenBytes);
      if (error instanceof MediaUnavailableError) observe(error.reason, room.takenBytes);
      throw error;
    }
  }

  #hold(bytes: number): void {
    this.#released.signal.throwIfAborted();
    if (this.#heldBytes + bytes > this.#limits.maxBytes) throw tooLarge();
    this.#share.hold(bytes);
    this.#heldBytes += bytes;
  }

  /** Once released, everything has been given back. */
  #giveBack(bytes: number): void {
    if (this.#released.signal.aborted) return;
    this.#share.giveBack(bytes);
    this.#heldBytes -= bytes;
  }
}

/** What one file takes of the room for all. */
class FileRoom implements Room {
  readonly #left: () => number;
  readonly #hold: (bytes: number) => void;
  takenBytes = 0;

  constructor(left: () => number, hold: (bytes: number) => void) {
    this.#left = left;
    this.#hold = hold;
  }

  get left(): number {
    return this.#left();
  }

  take(bytes: number): void {
    this.#hold(bytes);
    this.takenBytes += bytes;
  }
}
