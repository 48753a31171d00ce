/** Fetches files for requests: so many at once, so many bytes held in all, whoever asks. */
import { type FetchFailure, MediaUnavailableError } from "./error.ts";
import { type Network, realNetwork } from "./network.ts";
import { type FetchLimits, RequestFiles } from "./request-files.ts";
import { Slots } from "./slots.ts";

/** What became of a file. */
export type FetchOutcome = "fetched" | FetchFailure | MediaUnavailableError["reason"];

export interface FetcherOptions {
  readonly network?: Network;
  /** Told once for each file, with the bytes that were read of it. */
  readonly observe?: (outcome: FetchOutcome, bytes: number) => void;
  /** Files that are fetched at once. */
  readonly maxAtOnce?: number;
  /** Files that wait for their turn. */
  readonly maxWaiting?: number;
  /** Bytes of files that are held for requests under way. */
  readonly maxHeldBytes?: number;
}

/** What the files of one request share with those of all others. */
export interface FetcherShare {
  readonly network: Network;
  readonly slots: Slots;
  readonly observe: (outcome: FetchOutcome, bytes: number) => void;
  /** @throws MediaUnavailableError when as much is held as may be */
  readonly hold: (bytes: number) => void;
  readonly giveBack: (bytes: number) => void;
}

export class MediaFetcher {
  readonly #share: FetcherShare;
  #heldBytes = 0;

  constructor(options: FetcherOptions = {}) {
    const maxHeldBytes = options.maxHeldBytes ?? 256 * 1024 * 1024;
    this.#share = {
      network: options.network ?? realNetwork,
      slots: new Slots(options.maxAtOnce ?? 32, options.maxWaiting ?? 256),
      observe: options.observe ?? (() => undefined),
      hold: (bytes) => {
        if (this.#heldBytes + bytes > maxHeldBytes) throw new MediaUnavailableError("busy");
        this.#heldBytes += bytes;
      },
      giveBack: (bytes) => {
        this.#heldBytes -= bytes;
      },
    };
  }

  /** The files of one request, none of them fetched yet. Must be released. */
  filesFor(limits: FetchLimits): RequestFiles {
    return new RequestFiles(this.#share, limits);
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }
}
