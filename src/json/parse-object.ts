/** JSON that a provider sent: what is none is dealt with, and not an exception. */
import { isObject, type JsonObject } from "./types.ts";

/** Undefined when the text is not JSON, or not an object. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
