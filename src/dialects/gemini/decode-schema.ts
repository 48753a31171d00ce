/**
 * Gemini's `Schema` to JSON Schema, for targets that know nothing else.
 *
 * Source: https://ai.google.dev/api/caching#Schema
 */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { enumName, schemaTypes } from "./enums.ts";
import { camelCased } from "./spelling.ts";

const counts = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);
const maxDepth = 64;

/** In either spelling, types in capitals or not. */
export function decodeSchema(given: JsonObject, depth = 0): JsonObject {
  if (depth > maxDepth) return {};
  const {
    type: named,
    nullable,
    properties,
    items,
    anyOf,
    propertyOrdering,
    example,
    ...rest
  } = camelCased(given);
  const type = enumName(named, schemaTypes);
  const schema: JsonObject = {};
  if (typeof type === "string" && type !== "TYPE_UNSPECIFIED") schema["type"] = type.toLowerCase();
  for (const [name, value] of Object.entries(rest)) {
    const isCount = counts.has(name) && typeof value === "string";
    // Not a format of JSON Schema, but Google's mark of a text with fixed values.
    if (name === "format" && value === "enum") continue;
    schema[name] = isCount ? Number(value) : value;
  }
  if (isObject(properties)) schema["properties"] = ordered(properties, propertyOrdering, depth);
  if (isObject(items)) schema["items"] = decodeSchema(items, depth + 1);
  if (Array.isArray(anyOf))
    schema["anyOf"] = anyOf.filter(isObject).map((one) => decodeSchema(one, depth + 1));
  if (example !== undefined) schema["examples"] = [example];
  return nullable === true ? orNull(schema) : schema;
}

function ordered(properties: JsonObject, ordering: JsonValue | undefined, depth: number): JsonObject {
  const first = Array.isArray(ordering) ? ordering.filter((name) => typeof name === "string") : [];
  const names = [...new Set([...first, ...Object.keys(properties)])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const one = properties[name];
      return isObject(one) ? [[name, decodeSchema(one, depth + 1)]] : [];
    }),
  );
}

function orNull(schema: JsonObject): JsonObject {
  const { type, anyOf } = schema;
  if (Array.isArray(schema["enum"])) schema["enum"] = [...schema["enum"], null];
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  return type === undefined ? schema : { ...schema, type: [type, "null"] };
}
