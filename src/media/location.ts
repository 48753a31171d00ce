/** Where a URL leads, as far as the URL and the policy tell. */
import { MediaFetchError } from "./error.ts";

export interface Location {
  readonly url: URL;
  /** Lower case, without brackets and without a dot at its end: a name or an address. */
  readonly host: string;
  readonly port: number;
}

const maxUrlLength = 8_192;
const httpsPort = 443;

/**
 * @param base what a relative URL is relative to
 * @throws MediaFetchError when the policy does not allow to go there
 */
export function locationOf(
  text: string,
  allows: (host: string, port: number) => boolean,
  base?: URL,
): Location {
  const url = text.length <= maxUrlLength ? parsed(text, base) : undefined;
  if (url === undefined) throw new MediaFetchError("url", "its URL is not valid");
  if (url.protocol !== "https:") throw new MediaFetchError("url", "only https URLs are fetched");
  if (url.username !== "" || url.password !== "")
    throw new MediaFetchError("url", "URLs with a name or password in them are not fetched");
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const port = url.port === "" ? httpsPort : Number(url.port);
  if (!allows(host, port)) throw new MediaFetchError("host", "the gateway's policy does not allow its host");
  return { url, host, port };
}

/** Node's parser writes IPv4 addresses in any spelling (hexadecimal, one number) as four numbers. */
function parsed(text: string, base: URL | undefined): URL | undefined {
  return URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
}
