/** Some members of an object, by name. */
import type { JsonObject } from "../json/types.ts";

/** Those of the names that it has, in its own order. */
export function membersNamed(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.has(name)));
}
