/** Applies a vendor's differences to the top-level fields of a request. */
import type { Losses } from "../../conversation/losses.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { Quirks } from "../dialect.ts";

/** Changes to make: a value sets the field, undefined removes it. */
export type FieldChanges = Record<string, JsonValue | undefined>;

/**
 * Unsupported fields go by their OpenAI name, before renaming.
 * @param field the field's value after all other changes; undefined when absent
 * @param changes added to
 * @param pathOf where the client's request has the field; undefined when the field is ours and no loss to the client
 */
export function applyQuirks(
  quirks: Quirks,
  field: (name: string) => JsonValue | undefined,
  changes: FieldChanges,
  losses: Losses,
  pathOf: (name: string) => string | undefined,
  defaults: FieldDefaults = chatDefaults,
): void {
  for (const name of quirks.unsupported) {
    const value = field(name);
    if (value === undefined) continue;
    changes[name] = undefined;
    const path = asksForNothing(value, defaults.get(name)) ? undefined : pathOf(name);
    if (path !== undefined) losses.dropped(path, "The target's server does not take this field.");
  }
  for (const name of quirks.elsewhere ?? []) if (field(name) !== undefined) changes[name] = undefined;
  for (const [name, renamed] of Object.entries(quirks.renamed)) {
    const value = quirks.unsupported.includes(name) ? undefined : field(name);
    if (value === undefined) continue;
    changes[name] = undefined;
    // A client that sends both names has said it in the server's own words already.
    if (field(renamed) === undefined) changes[renamed] = value;
  }
}

/** What fields are when they are left out, where clients like to say so; libraries send all of them. */
type FieldDefaults = ReadonlyMap<string, JsonValue>;

const chatDefaults: FieldDefaults = new Map<string, JsonValue>([
  ...["logprobs", "store"].map((name) => [name, false] as const),
  ...["top_logprobs", "frequency_penalty", "presence_penalty"].map((name) => [name, 0] as const),
  ...["service_tier", "tool_choice"].map((name) => [name, "auto"] as const),
  ["n", 1],
  ["parallel_tool_calls", true],
]);

/** Of the Responses API, where to keep the answer, or not to, is always something asked for. */
export const responsesDefaults: FieldDefaults = new Map(
  [...chatDefaults].filter(([name]) => name !== "store"),
);

/** Nobody misses such a field. */
function asksForNothing(value: JsonValue, usual: JsonValue | undefined): boolean {
  return value === null || value === usual || (isObject(value) && Object.keys(value).length === 0);
}

/** A copy of the body with the changes made. */
export function withChanges(body: JsonObject, changes: FieldChanges): JsonObject {
  const result: JsonObject = { ...body };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete result[name];
    else result[name] = value;
  }
  return result;
}
