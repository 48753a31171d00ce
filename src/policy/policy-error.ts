/** Located issues as the error that says where they are. */
import type { LocatedIssue } from "./issues.ts";
import type { PolicyOrigin } from "./metadata-text.ts";
import { renderPath } from "./paths.ts";
import { PolicyError, type PolicyIssue } from "./policy.ts";

/** A message with a thousand issues helps nobody. */
const mostIssues = 100;

/** @param originOf whose metadata a top-level key is from; undefined where it is from none, or not known */
export function policyError(
  issues: readonly LocatedIssue[],
  originOf: (key: string) => PolicyOrigin | undefined = () => undefined,
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
