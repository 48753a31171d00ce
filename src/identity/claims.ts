/** Claims of a token as text. */
import { isObject, type JsonObject, type JsonValue } from "../json/types.ts";

/**
 * A claim by its name, or by the way to it: `realm_access.team`. Names may themselves hold dots
 * (`https://example.com/team`), so at each step the whole rest is tried first.
 */
export function claimText(claims: JsonObject, name: string): string | undefined {
  return textOf(claimAt(claims, name));
}

function claimAt(claims: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(claims, name)) return claims[name];
  const dot = name.indexOf(".");
  if (dot < 0) return undefined;
  const step = name.slice(0, dot);
  const below = Object.hasOwn(claims, step) ? claims[step] : undefined;
  return isObject(below) ? claimAt(below, name.slice(dot + 1)) : undefined;
}

/** A list says who it is only when it has one entry; a number only when it is exact. */
function textOf(value: JsonValue | undefined): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return Number.isSafeInteger(value) ? String(value) : undefined;
    case "boolean":
      return String(value);
    default:
      return Array.isArray(value) && value.length === 1 && typeof value[0] !== "object"
        ? textOf(value[0])
        : undefined;
  }
}
