/** Numbers as providers report them. */
import type { JsonValue } from "../json/types.ts";

/** Whole and not negative; 0 for what is no count. */
export function count(value: JsonValue | undefined): number {
  return countIfSaid(value) ?? 0;
}

/** Undefined for what is no count. */
export function countIfSaid(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? Math.floor(value) : undefined;
}
