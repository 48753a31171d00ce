/**
 * Hosts that the gateway may go to by itself: `files.example.com`, `*.example.com` for every name below it, `*` for
 * any, an IP address; each at port 443 unless it names another one (`files.example.com:8443`).
 */
import { isIP } from "node:net";

const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const name = new RegExp(`^(?:\\*|(?:\\*\\.)?${label}(?:\\.${label})*)$`);
const httpsPort = 443;

export interface HostPattern {
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** @returns undefined when the text is no pattern */
export function hostPattern(text: string): HostPattern | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain = "", digits] = match;
  const port = digits === undefined ? httpsPort : Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  // A name that ends in a number would be read as an IPv4 address.
  const isName = name.test(plain) && !/(?:^|\.)\d+$/.test(plain);
  return isName || isIP(plain) === 4 ? { host: plain, port } : undefined;
}

/** @param host of a URL, in lower case, without brackets and without a dot at its end */
export function isAllowedHost(patterns: readonly HostPattern[], host: string, port: number): boolean {
  return patterns.some((pattern) => {
    if (pattern.port !== port) return false;
    if (pattern.host === "*") return true;
    return pattern.host.startsWith("*.") ? host.endsWith(pattern.host.slice(1)) : host === pattern.host;
  });
}
