/** Why a file was not fetched. */

/** For the metrics; `fetched` is what else may become of it. */
export type FetchFailure =
  /** Not https, or with a name and password in it, or no URL at all. */
  | "url"
  /** The policy does not name the host. */
  | "host"
  /** The host's address is none that may be reached. */
  | "address"
  /** No name, no connection, no certificate to trust, or broken off. */
  | "unreachable"
  /** An answer other than 200. */
  | "status"
  | "redirects"
  | "type"
  | "encoding"
  | "too-large"
  | "timeout";

/**
 * The file cannot be had. The message ends a sentence that begins with "the file cannot be fetched: " and is shown to
 * the client: no path, no query, no address.
 */
export class MediaFetchError extends Error {
  readonly failure: FetchFailure;

  constructor(failure: FetchFailure, message: string) {
    super(message);
    this.name = "MediaFetchError";
    this.failure = failure;
  }
}

export function tooLarge(): MediaFetchError {
  return new MediaFetchError("too-large", "it has more bytes than the gateway may fetch for a request");
}

/** Nobody is to blame: too many files at once, or nobody waits for this one any more. */
export class MediaUnavailableError extends Error {
  readonly reason: "busy" | "cancelled";

  constructor(reason: "busy" | "cancelled") {
    super(reason === "busy" ? "too many files are being fetched" : "nobody waits for the file any more");
    this.name = "MediaUnavailableError";
    this.reason = reason;
  }
}
