/** Files that a request names by URL and that its target takes as bytes only. */
import { missingFiles, refuseUrl, type UntakenFile, type UrlObjection } from "../conversation/files.ts";
import type { AnyTargetDialect, EncodeTarget } from "../dialects/dialect.ts";
import type { Operation } from "../dialects/operation.ts";

/** The request as it can be encoded, or what is wanted for that. */
type Filled = { readonly request: unknown } | { readonly wanted: readonly UntakenFile[] };

/**
 * @param isOwn the request is in the target's own dialect: whoever writes it knows which URLs the format takes, but not
 *   which ones a vendor's server does
 * @returns the very same request when its target takes it as it is
 * @throws InvalidRequestError when the target cannot take it, and the policy does not allow to fetch the files
 */
export function filled(
  request: unknown,
  target: AnyTargetDialect,
  encode: EncodeTarget,
  isOwn: boolean,
): Filled {
  const { files } = target.operation;
  const objectionTo = objectionsOf(target, encode, isOwn);
  if (files === undefined || objectionTo === undefined) return { request };
  const untaken = files.untaken(request, objectionTo);
  const [first] = untaken;
  if (first === undefined) return { request };
  // What is lost or refused then is for the encoder to say, which knows the format, but not the vendor.
  if (encode.fetched === undefined) return encode.quirks.fetchesNoUrls ? refuseUrl(first) : { request };
  const wanted = missingFiles(untaken, encode.fetched);
  return wanted.length > 0 ? { wanted } : { request: files.filled(request, objectionTo, encode.fetched) };
}

function objectionsOf(
  target: AnyTargetDialect,
  encode: EncodeTarget,
  isOwn: boolean,
): UrlObjection | undefined {
  if (encode.quirks.fetchesNoUrls === true) return () => "this target's server fetches no files by URL";
  if (isOwn || target.urlObjection === undefined) return undefined;
  return (kind, url) => target.urlObjection?.(kind, url, encode);
}

/**
 * A request in the target's own dialect is not decoded unless it may name a file that the vendor's server does not
 * fetch. A search of the bytes: one without a URL passes.
 */
export function mayNameUntaken({ files }: Operation, bytes: Uint8Array, { quirks }: EncodeTarget): boolean {
  if (files === undefined || quirks.fetchesNoUrls !== true) return false;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes("http");
}
