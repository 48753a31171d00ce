/**
 * Which JSON schemas OpenAI can hold an answer to (`strict: true`). Others it refuses with 400.
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

const known = new Set([
  ...["type", "enum", "const", "title", "description", "properties", "required", "additionalProperties"],
  ...["items", "anyOf", "$ref", "$defs", "definitions", "format", "pattern", "minItems", "maxItems"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
]);
/** OpenAI allows ten levels of nesting. */
const maxDepth = 10;

/** True when the whole schema is of the part that strict mode knows: closed objects, every property required. */
export function isStrictSchema(schema: JsonObject): boolean {
  return schema["type"] === "object" && schema["anyOf"] === undefined && isStrict(schema, 0);
}

function isStrict(schema: JsonValue, depth: number): boolean {
  if (!isObject(schema) || depth > maxDepth || Object.keys(schema).some((name) => !known.has(name)))
    return false;
  const { properties, items, anyOf } = schema;
  if (schema["type"] === "object" && !isClosed(schema)) return false;
  const below = [properties, schema["$defs"], schema["definitions"]].flatMap((named) =>
    isObject(named) ? Object.values(named) : [],
  );
  if (items !== undefined) below.push(items);
  if (Array.isArray(anyOf)) below.push(...anyOf);
  return below.every((member) => isStrict(member, depth + 1));
}

function isClosed({ properties, required, additionalProperties }: JsonObject): boolean {
  if (additionalProperties !== false) return false;
  const demanded = new Set(Array.isArray(required) ? required : []);
  return Object.keys(isObject(properties) ? properties : {}).every((name) => demanded.has(name));
}
