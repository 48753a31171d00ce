/** A value that fits a JSON schema, as far as a stand-in needs one: types, enums, required properties, local refs. */
import { isObject, type JsonObject, type JsonValue } from "../../../json/types.ts";

const DEPTH_LIMIT = 12;

export function sampleOf(schema: JsonValue, root: JsonValue = schema, depth = 0): JsonValue {
  if (!isObject(schema) || depth > DEPTH_LIMIT) return {};
  const { $ref: reference, const: fixed, enum: choices, default: usual, anyOf, oneOf } = schema;
  if (typeof reference === "string") return sampleOf(resolved(root, reference), root, depth + 1);
  if (fixed !== undefined) return fixed;
  if (Array.isArray(choices)) return choices[0] ?? null;
  if (usual !== undefined) return usual;
  for (const union of [anyOf, oneOf]) {
    if (Array.isArray(union) && union[0] !== undefined) return sampleOf(union[0], root, depth + 1);
  }
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "string":
      return "stand-in";
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1.5;
    case "integer":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return schema["items"] === undefined ? [] : [sampleOf(schema["items"], root, depth + 1)];
    default:
      return sampleObject(schema, root, depth);
  }
}

function sampleObject(schema: JsonObject, root: JsonValue, depth: number): JsonObject {
  const properties = schema["properties"];
  if (!isObject(properties)) return {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : Object.keys(properties);
  const sample: JsonObject = {};
  for (const name of required) {
    const property = typeof name === "string" ? properties[name] : undefined;
    if (typeof name === "string" && property !== undefined)
      sample[name] = sampleOf(property, root, depth + 1);
  }
  return sample;
}

/** Only pointers into the schema itself: `#/$defs/Name`. */
function resolved(root: JsonValue, reference: string): JsonValue {
  let at: JsonValue | undefined = root;
  for (const key of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    at = isObject(at) ? at[key] : undefined;
  }
  return at ?? {};
}
