/** The metadata of a route and its virtual host, read as one policy. */
import { disagreements } from "./agreement.ts";
import { compile } from "./compile.ts";
import { issuesOf, wording } from "./issues.ts";
import { metadataOf, type PolicyOrigin } from "./metadata-text.ts";
import { type Policy, PolicyError } from "./policy.ts";
import { policyError } from "./policy-error.ts";
import { policySchema } from "./schema.ts";

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
