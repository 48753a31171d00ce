/** Files that a request names by URL and that its target takes as bytes only. */
import {
  missingFiles,
  refuseUrl,
  type UntakenFile,
  type UrlObjection,
  untakenFiles,
  withFiles,
} from "../conversation/files.ts";
import type { ConversationRequest } from "../conversation/request.ts";
import type { EncodeTarget, TargetDialect } from "../dialects/dialect.ts";

/** The request as it can be encoded, or what is wanted for that. */
export type Filled = { readonly request: ConversationRequest } | { readonly wanted: readonly UntakenFile[] };

/**
 * @param isOwn the request is in the target's own dialect: whoever writes it knows which URLs the format takes, but not
 *   which ones a vendor's server does
 * @returns the very same request when its target takes it as it is
 * @throws InvalidRequestError when the policy does not allow to fetch what the target cannot take
 */
export function filled(
  request: ConversationRequest,
  target: TargetDialect,
  encode: EncodeTarget,
  isOwn: boolean,
): Filled {
  const objectionTo = objectionsOf(target, encode, isOwn);
  const untaken = objectionTo === undefined ? [] : untakenFiles(request, objectionTo);
  const [first] = untaken;
  if (objectionTo === undefined || first === undefined) return { request };
  // What is lost or refused then is for the encoder to say, which knows the format, but not the vendor.
  if (encode.fetched === undefined) return encode.quirks.fetchesNoUrls ? refuseUrl(first) : { request };
  const wanted = missingFiles(untaken, encode.fetched);
  return wanted.length > 0 ? { wanted } : { request: withFiles(request, objectionTo, encode.fetched) };
}

function objectionsOf(target: TargetDialect, encode: EncodeTarget, isOwn: boolean): UrlObjection | undefined {
  if (encode.quirks.fetchesNoUrls === true) return () => "this target's server fetches no files by URL";
  const { urlObjection } = target;
  return isOwn || urlObjection === undefined ? undefined : (kind, url) => urlObjection(kind, url, encode);
}

/**
 * A request in the target's own dialect is not decoded unless it may name a file that the vendor's server does not
 * fetch. A search of the bytes: one without a URL passes.
 */
export function mayNameUntaken(bytes: Uint8Array, { quirks }: EncodeTarget): boolean {
  if (quirks.fetchesNoUrls !== true) return false;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes("http");
}
