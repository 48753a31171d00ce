/** The headers of an attempt: what the provider's endpoint wants, as the policy changes it for one server. */
import { isCredentialHeader } from "./credentials.ts";
import type { HeaderQuirks } from "./provider.ts";

type Header = readonly [name: string, value: string];

export interface OutboundHeaders {
  readonly set: readonly Header[];
  readonly remove: readonly string[];
}

/** Set or steered by HTTP, Envoy or us: not for a policy to change. */
const reserved =
  /^(:|x-envoy-|x-tollgate-|x-forwarded-)|^(host|content-length|content-type|transfer-encoding|connection|te|upgrade|accept-encoding)$/;

/** Whether a policy may set, remove or rename it. Credentials stay in Envoy. @param name lower case */
export function isSteerable(name: string): boolean {
  return /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) && !reserved.test(name) && !isCredentialHeader(name);
}

/** @param client a header of the client's request, by lower-case name */
export function withHeaderQuirks(
  own: readonly Header[],
  quirks: HeaderQuirks,
  client: (name: string) => string | undefined,
): OutboundHeaders {
  const set = new Map(own);
  const remove = new Set<string>();
  for (const [from, to] of Object.entries(quirks.renamed)) {
    const value = set.get(from) ?? client(from);
    set.delete(from);
    remove.add(from);
    if (value !== undefined) set.set(to, value);
  }
  for (const [name, value] of Object.entries(quirks.set)) {
    if (value === false) {
      set.delete(name);
      remove.add(name);
    } else set.set(name, value);
  }
  return { set: [...set], remove: [...remove] };
}
