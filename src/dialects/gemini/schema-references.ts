/**
 * References inside of a JSON Schema, which Gemini's own schema has not: what they point to takes their place. A
 * schema that contains itself is unrolled a few times and then cut.
 *
 * Source: https://json-schema.org/draft/2020-12/json-schema-core#ref
 */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { lookUp } from "../schema-pointer.ts";

/** How deep references are followed; below it the schema is cut. */
const deepestReference = 8;
/** References to references. */
const longestChain = 8;

export interface Inlined {
  /** The very same object when it refers to nothing and has nothing to merge. */
  readonly schema: JsonObject;
  /** A reference was not followed. */
  readonly isCut: boolean;
}

/**
 * @param root of the document that holds the definitions
 * @param depth of the schema in the document
 */
export function inlineReference(given: JsonObject, root: JsonObject, depth: number): Inlined {
  let schema = given;
  let isCut = false;
  for (let steps = 0; typeof schema["$ref"] === "string"; steps++) {
    const { $ref, ...beside } = schema;
    const target = steps < longestChain && depth < deepestReference ? lookUp(String($ref), root) : undefined;
    isCut ||= target === undefined;
    // What stands beside a reference is the nearer description.
    schema = target === undefined ? { type: "object", ...beside } : { ...target, ...beside };
  }
  return { schema: merged(schema, root), isCut };
}

/** `allOf` as one schema: the parts of an object that was composed of several. What stands beside it is nearer. */
function merged(schema: JsonObject, root: JsonObject): JsonObject {
  const { allOf, ...own } = schema;
  if (!Array.isArray(allOf)) return schema;
  let sum: JsonObject = own;
  for (const one of allOf.filter(isObject)) {
    const part = typeof one["$ref"] === "string" ? (lookUp(one["$ref"], root) ?? {}) : one;
    const required = Array.isArray(part["required"]) && {
      required: union(part["required"], sum["required"]),
    };
    sum = { ...part, ...sum, ...joined("properties", part, sum), ...required };
  }
  return sum;
}

function joined(name: string, a: JsonObject, b: JsonObject): JsonObject {
  const [first, second] = [a[name], b[name]];
  if (!isObject(first)) return {};
  return { [name]: isObject(second) ? { ...first, ...second } : first };
}

function union(a: readonly JsonValue[], b: JsonValue | undefined): JsonValue[] {
  return [...new Set([...a, ...(Array.isArray(b) ? b : [])])];
}
