/**
 * Field names in one spelling. Google's servers take both `generationConfig` and `generation_config`, as JSON of
 * protocol buffers does, and clients send both, even mixed.
 *
 * Source: https://protobuf.dev/programming-guides/json/
 */
import type { JsonObject } from "../../json/types.ts";

/** The same members under their camelCase names; the very same object when there is nothing to change. Not deep. */
export function camelCased(object: JsonObject): JsonObject {
  const names = Object.keys(object);
  if (!names.some((name) => name.includes("_"))) return object;
  const spelled: JsonObject = {};
  for (const name of names) {
    const value = object[name];
    if (value !== undefined) spelled[camelCase(name)] ??= value;
  }
  return spelled;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The other spelling of a camelCase name. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
