/** Which kind of stream has opened, and what its route asks for. */
import type { Opening } from "../extproc/session.ts";
import { type Policy, PolicyError } from "../policy/policy.ts";
import type { Services } from "./services.ts";

export type Gate =
  /** The route has no `tollgate` metadata: bytes in, bytes out. */
  | { readonly kind: "open" }
  | { readonly kind: "gated"; readonly policy: Policy }
  /** The route is gated, but by what cannot be read. Never let through. */
  | { readonly kind: "unreadable"; readonly problem: string };

/**
 * The filter's initial_metadata prefixes each value (`route:%METADATA(ROUTE:tollgate)%`), so that the key is there
 * even when the metadata is not: Envoy omits a key whose value would be empty.
 */
const routePrefix = "route:";
const virtualHostPrefix = "virtual_host:";

/**
 * Reads the policy from the stream's initial metadata.
 *
 * A key that is missing altogether was dropped on the way (grpc-js drops values that are not ASCII) or never
 * wired: either way the route may be gated, and must not be passed through.
 */
export function readGate(services: Services, opening: Opening): Gate {
  const route = opening.metadata("x-tollgate-policy");
  const virtualHost = opening.metadata("x-tollgate-defaults");
  if (route === undefined) return unreadable("x-tollgate-policy");
  const routeText = unprefixed(route, routePrefix);
  if (routeText === "") return { kind: "open" };
  if (virtualHost === undefined) return unreadable("x-tollgate-defaults");
  const virtualHostText = unprefixed(virtualHost, virtualHostPrefix);
  try {
    const policy = services.policies.get(routeText, virtualHostText === "" ? undefined : virtualHostText);
    return { kind: "gated", policy };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { kind: "unreadable", problem: error.message };
  }
}

function unprefixed(value: string, prefix: string): string {
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}

function unreadable(key: string): Gate {
  const problem =
    `the stream came without ${key}: it is missing from the filter's initial_metadata, or the policy holds ` +
    "characters other than ASCII";
  return { kind: "unreadable", problem };
}
