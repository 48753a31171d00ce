/** The metadata of a route and its virtual host, read as one policy. */
import { disagreements } from "./agreement.ts";
import { compile } from "./compile.ts";
import { issuesOf, type LocatedIssue, wording } from "./issues.ts";
import { metadataOf, type PolicyOrigin } from "./metadata-text.ts";
import { renderPath } from "./paths.ts";
import { type Policy, PolicyError, type PolicyIssue } from "./policy.ts";
import { policySchema } from "./schema.ts";

/** A message with a thousand issues helps nobody. */
const mostIssues = 100;

/**
 * Reads, merges (the route wins top-level key by key), checks and compiles. Not for the hot path: see `PolicyCache`.
 *
 * @param routeText JSON text of the route's `tollgate` metadata, if it has any
 * @param virtualHostText the same of its virtual host
 * @throws PolicyError with everything that is wrong
 */
export function parsePolicy(routeText: string | undefined, virtualHostText: string | undefined): Policy {
  const route = metadataOf(routeText, "route");
  const virtualHost = metadataOf(virtualHostText, "virtual_host");
  if (route === undefined && virtualHost === undefined) {
    throw new PolicyError([
      { path: "", message: "there is no tollgate metadata on the route or its virtual host" },
    ]);
  }
  const origin = (key: string): PolicyOrigin | undefined => {
    if (route !== undefined && Object.hasOwn(route, key)) return "route";
    return virtualHost !== undefined && Object.hasOwn(virtualHost, key) ? "virtual_host" : undefined;
  };
  const parsed = policySchema.safeParse({ ...virtualHost, ...route }, { error: wording });
  if (!parsed.success) throw policyError(issuesOf(parsed.error), origin);
  const issues = disagreements(parsed.data);
  if (issues.length > 0) throw policyError(issues, origin);
  return compile(parsed.data);
}

function policyError(
  issues: readonly LocatedIssue[],
  originOf: (key: string) => PolicyOrigin | undefined,
): PolicyError {
  return new PolicyError(
    issues.slice(0, mostIssues).map(({ at, key, message }): PolicyIssue => {
      const segments = key === undefined ? at : [...at, key];
      const origin = originOf(String(segments[0]));
      const path = `${origin === undefined ? "" : `${origin}:`}${renderPath(at)}`;
      return { path, message, segments, ...(origin === undefined ? {} : { origin }) };
    }),
  );
}
