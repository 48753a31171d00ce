/** What the schema library found, in words for the person who wrote the YAML. */
import type { z } from "zod";
import type { PathSegment } from "./paths.ts";
import { shown } from "./scalars.ts";

/** An issue before it is known which text it is in. */
export interface LocatedIssue {
  /** Where to show it. */
  readonly at: readonly PathSegment[];
  /** The offending key itself, when it is not `at`. */
  readonly key?: string;
  readonly message: string;
}

/** Everything the library found, one entry for each unknown key. */
export function issuesOf(error: z.ZodError): LocatedIssue[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.map((segment) => (typeof segment === "number" ? segment : String(segment)));
    if (issue.code !== "unrecognized_keys") return [{ at, message: issue.message }];
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      at,
      key,
      message: messages[index] ?? `unknown key ${shown(key)}`,
    }));
  });
}

/** Words for issues that the schema leaves to the library. Given to the parse call. */
export function wording(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "required";
      return `expected ${kinds[issue.expected] ?? issue.expected}, got ${shown(issue.input)}`;
    case "invalid_key":
      // What was said of the key itself, in a schema of ours.
      return issue.issues[0]?.message ?? "this key cannot be used here";
    case "too_big":
      return `has more than ${issue.maximum} entries`;
    case "too_small":
      return "must not be empty";
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<string, string>> = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  boolean: "true or false",
};
