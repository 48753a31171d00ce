/** Paths of calls that name no model: the client's, and what of it the target is asked for. */
import { withoutQuery } from "../dialects/registry.ts";
import type { CallRoute } from "../policy/policy.ts";
import { providerNamed } from "../providers/registry.ts";

/** The first segment of a path that is a version: `/v1`, `/v1beta`. What stands before is where the gateway is mounted. */
const version = /^(?:.*?\/)?(v\d+(?:alpha|beta)?\d*)(?=\/)/;

/**
 * A path that some server might read as another one: `/files/../chat/completions`, `/files//`, `/files;x`, and the same
 * spelled with escapes. It would reach a model past every rule, with the operator's key.
 */
const ambiguous = /\/\/|\/\.{1,2}(?:\/|$)|\/$|[\\;]|%(?:25|2e|2f|3b|5c)/i;

/** @param path without its query */
export function isAmbiguous(path: string): boolean {
  return ambiguous.test(path);
}

/** Google's clients keep their key there: it is meant for the gateway. */
const credentials: ReadonlySet<string> = new Set(["key"]);

/**
 * @param path of the client's call, with its query
 * @returns the path at the target, and the client's own with the query that the target shall have: Envoy's
 *   `path_rewrite` takes the query over from there
 */
export function callPath(path: string, { settings }: CallRoute): { target: string; own: string } {
  const bare = withoutQuery(path);
  const found = version.exec(bare);
  const place = providerNamed(settings.provider).callsAt?.(settings, found?.[1] ?? "");
  if (found === null || place === undefined)
    throw new Error("a call without a place passed the policy's check");
  const demanded = Object.entries(place.query ?? {});
  const kept = path
    .slice(bare.length + 1)
    .split("&")
    .filter((pair) => pair !== "" && !isReplaced(pair, demanded));
  const query = [...kept, ...demanded.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)];
  return {
    target: `${place.basePath}${bare.slice(found[0].length)}`,
    own: query.length === 0 ? bare : `${bare}?${query.join("&")}`,
  };
}

function isReplaced(pair: string, demanded: ReadonlyArray<readonly [string, string]>): boolean {
  const name = pair.split("=", 1)[0] ?? "";
  return credentials.has(name) || demanded.some(([replaced]) => replaced === name);
}
