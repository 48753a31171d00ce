/**
 * One https request to an address that was looked at before: the name is resolved once, and the connection is made to
 * what was resolved, so that a name cannot lead elsewhere a moment later (DNS rebinding).
 */
import { lookup } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { type Reach, reachOf } from "./addresses.ts";
import { acceptedTypes } from "./content-type.ts";
import { MediaFetchError } from "./error.ts";
import type { Location } from "./location.ts";

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** What there is of the network; tests have their own. */
export interface Network {
  /** All addresses of a name. */
  readonly resolve: (host: string) => Promise<readonly Address[]>;
  readonly reachOf: (address: string) => Reach;
  /** Certificates to trust instead of Node's own and `NODE_EXTRA_CA_CERTS`; PEM. */
  readonly ca?: string;
}

export const realNetwork: Network = { resolve: (host) => lookup(host, { all: true }), reachOf };

/**
 * The addresses that may be connected to. Others that the name also has are left out: there are networks where every
 * name has one of them (NAT64).
 *
 * @throws MediaFetchError when there is none
 */
export async function reachableAddresses(
  { host }: Location,
  network: Network,
  allowPrivate: boolean,
): Promise<readonly Address[]> {
  const family = isIP(host);
  const all = family === 0 ? await resolved(host, network) : [{ address: host, family }];
  const reachable = all.filter(({ address }) => {
    const reach = network.reachOf(address);
    return reach === "public" || (allowPrivate && reach === "private");
  });
  if (reachable.length === 0) throw new MediaFetchError("address", "its host has no public address");
  return reachable;
}

async function resolved(host: string, network: Network): Promise<readonly Address[]> {
  try {
    return await network.resolve(host);
  } catch {
    throw new MediaFetchError("unreachable", "its host has no address");
  }
}

/** @returns the head of the answer; whoever called reads or destroys the body */
export function get(
  { url, host, port }: Location,
  addresses: readonly Address[],
  network: Network,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host,
      port,
      path: `${url.pathname}${url.search}`,
      // Nothing of the client's request, and no cookies.
      headers: { accept: acceptedTypes, "accept-encoding": "identity", "user-agent": "tollgate" },
      agent: false,
      lookup: onlyTo(addresses),
      signal,
      ...(network.ca !== undefined && { ca: network.ca }),
    });
    sent.once("response", (answer) => {
      // An error without a listener would end the process; whoever reads hears of it all the same.
      answer.on("error", () => undefined);
      resolve(answer);
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Node asks for one address or for all, by its version and its settings. */
function onlyTo(addresses: readonly Address[]): LookupFunction {
  return (_host, options, done) => {
    if (options.all === true) return done(null, [...addresses]);
    const [first] = addresses;
    done(null, first?.address ?? "", first?.family ?? 0);
  };
}
