/** What one event of a stream holds. */
import { isObject, type JsonObject } from "../../json/types.ts";

/** Undefined when it is no JSON object. An error may come in a list of one. */
export function parseEventData(data: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(data);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return isObject(first) ? first : undefined;
  } catch {
    return undefined;
  }
}
