/** Finds the words in message contents of either format: a string, or a list of parts. */
import { isObject, type JsonObject, type JsonValue } from "../../../json/types.ts";

/** The text of a message's content; parts without text count nothing. */
export function proseOf(content: JsonValue | undefined): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (isObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .filter((text) => text !== "")
    .join("\n");
}

/** The entries of a list that are objects. */
export function objects(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A string, or undefined. */
export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A finite number, or undefined. */
export function number(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** A string as a list of one; a list's strings. */
export function strings(value: JsonValue | undefined): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
