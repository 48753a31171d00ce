/** Requests whose files the gateway has to fetch, because their target takes bytes only and the policy allows it. */
import { MediaUnavailableError } from "../media/error.ts";
import type { RequestFiles } from "../media/request-files.ts";
import { patienceMs } from "../policy/patience.ts";
import type { Translated } from "../translation/job.ts";
import type { Admission, Exchange } from "./exchange.ts";
import type { Services } from "./services.ts";

/** Base64 takes four bytes for three. */
const growth = 4 / 3;
/** For what is around the files, and what the target's format says in more words. */
const spareBytes = 64 * 1024;

/**
 * The exchange's files, kept for all its attempts; undefined when the policy allows to fetch none.
 *
 * @throws MediaUnavailableError when the exchange is over: nobody would release them
 */
export function filesOf(
  services: Services,
  exchange: Exchange,
  { document }: Admission,
): RequestFiles | undefined {
  const allowed = exchange.policy.mediaFetch;
  if (allowed === undefined) return undefined;
  if (!services.inFlight.has(exchange)) throw new MediaUnavailableError("cancelled");
  const room = Math.floor((services.maxBodyBytes - document.bytes.length - spareBytes) / growth);
  const maxBytes = Math.max(0, Math.min(allowed.maxBytes, room));
  exchange.files ??= services.media.filesFor({ ...allowed, maxBytes });
  return exchange.files;
}

/**
 * Writes the request, fetching the files that it turns out to want: which ones, only its translation can tell.
 *
 * @param write makes one translation, with the files that there are by now
 */
export function withItsFiles(
  exchange: Exchange,
  files: RequestFiles | undefined,
  write: () => Translated | Promise<Translated>,
): Translated | Promise<Translated> {
  const fetching = (first: Translated): Translated | Promise<Translated> => {
    const { wanted } = first;
    if (wanted === undefined || files === undefined) return first;
    exchange.askPatience(patienceMs(files.leftMs));
    return files.fetch(wanted).then(write).then(complete);
  };
  const first = write();
  return first instanceof Promise ? first.then(fetching) : fetching(first);
}

/** Files that are gone by now were released: the exchange is over, and there is no body. */
function complete(translated: Translated): Translated {
  if (translated.wanted !== undefined) throw new MediaUnavailableError("cancelled");
  return translated;
}
