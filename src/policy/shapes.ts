/** The schemas' building blocks: mappings whose keys are known, mappings of names, words. */
import { z } from "zod";
import { shown } from "./scalars.ts";
import { suggestion } from "./suggestion.ts";

const plannedKeys: ReadonlySet<string> = new Set(["guard", "cache", "prompts", "audit"]);

/** A policy is looked up in on every call and kept for as long as the route lives: each list has an end. */
const mostEntries = 2000;
const none: ReadonlySet<unknown> = new Set();

/** Keys that are not in the shape are errors, with the nearest that is. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    // One line per key: `issues.ts` makes an issue of each.
    error: (issue) =>
      issue.code === "unrecognized_keys" ? issue.keys.map(unknownKey(known)).join("\n") : undefined,
  });
}

function unknownKey(known: readonly string[]) {
  return (key: string): string => {
    const planned = plannedKeys.has(key) ? " is not available yet" : "";
    return `unknown key ${shown(key)}${planned || suggestion(key, known)}`;
  };
}

/** Any names, as many as a policy may have of anything. */
export function record<Value extends z.ZodType>(value: Value) {
  return z
    .record(z.string().min(1).max(256), value)
    .refine((entries) => Object.keys(entries).length <= mostEntries, `has more than ${mostEntries} entries`);
}

/** One of a few words; planned ones are told from misspelt ones. */
export function word<const Word extends string>(
  what: string,
  words: readonly Word[],
  planned: ReadonlySet<unknown> = none,
) {
  return z.unknown().transform((value, context): Word => {
    const found = words.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    const choice = words.join(", ");
    const near = typeof value === "string" ? suggestion(value, words) : "";
    let message = `unknown ${what} ${shown(value)}${near}; available: ${choice}`;
    if (value === undefined) message = `required: ${choice}`;
    if (planned.has(value)) message = `${what} ${shown(value)} is not available yet; available: ${choice}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}
