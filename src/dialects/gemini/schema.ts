/**
 * JSON Schema to Gemini's `Schema`, a part of OpenAPI 3.0: types in capitals, `nullable` instead of a type list, no
 * references, nothing open, texts as the only constants.
 *
 * What the part cannot say is told to the model in the description, where it still guides although nothing enforces
 * it. `exact` tells whether that was needed: models since Gemini 2 also take JSON Schema as it is, under another
 * name (`parametersJsonSchema`, `responseJsonSchema`; Google AI's v1beta and Vertex AI's v1 and v1beta1), and get
 * that instead.
 *
 * Sources: https://ai.google.dev/api/caching#Schema, https://ai.google.dev/gemini-api/docs/structured-output
 */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { inlineReference } from "./schema-references.ts";

export interface EncodedSchema {
  readonly schema: JsonObject;
  /** Everything that the schema demands is still demanded. */
  readonly exact: boolean;
}

/** @param root of a schema that describes an object */
export function encodeSchema(root: JsonObject): EncodedSchema {
  const encoder = new SchemaEncoder(root);
  return { schema: encoder.encode(root, 0), exact: encoder.exact };
}

const typeNames: Readonly<Record<string, string>> = {
  string: "STRING",
  number: "NUMBER",
  integer: "INTEGER",
  boolean: "BOOLEAN",
  array: "ARRAY",
  object: "OBJECT",
};
/** Members that mean the same on both sides. */
const kept = new Set(["title", "description", "default", "minimum", "maximum", "pattern"]);
/** Whole numbers that Google writes as text, as 64-bit integers are in JSON. */
const counts = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);
const formats = new Set(["int32", "int64", "float", "double", "date-time", "enum"]);
/** Names and notes, which demand nothing. */
const silent = new Set([
  "$schema",
  "$id",
  "$comment",
  "$defs",
  "definitions",
  "examples",
  "readOnly",
  "deprecated",
]);
const maxDepth = 32;
/** A schema whose references fan out would grow without end. */
const maxNodes = 5_000;

class SchemaEncoder {
  exact = true;
  readonly #root: JsonObject;
  #nodes = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  encode(given: JsonValue, depth: number): JsonObject {
    if (!isObject(given) || depth > maxDepth || ++this.#nodes > maxNodes) return this.#anything();
    const { schema, isCut } = inlineReference(given, this.#root, depth);
    if (schema !== given || isCut) this.exact = false;
    const encoded: JsonObject = {};
    const untold: string[] = [];
    this.#encodeType(schema, encoded, depth);
    for (const [name, value] of Object.entries(schema)) {
      if (this.#encodeMember(encoded, name, value, depth) || silent.has(name)) continue;
      untold.push(`${name}: ${JSON.stringify(value)}`);
    }
    this.#completeType(encoded);
    if (untold.length > 0) {
      this.exact = false;
      const description = typeof encoded["description"] === "string" ? `${encoded["description"]}\n\n` : "";
      encoded["description"] = `${description}{${untold.join(", ")}}`.slice(0, 10_000);
    }
    return encoded;
  }

  /** A type list becomes one type, `nullable`, or alternatives. */
  #encodeType(schema: JsonObject, into: JsonObject, depth: number): void {
    const given = schema["type"];
    const types = (Array.isArray(given) ? given : given === undefined ? [] : [given]).filter(
      (type): type is string => typeof type === "string",
    );
    const named = types.filter((type) => type !== "null");
    if (named.length < types.length) into["nullable"] = true;
    const [first] = named;
    if (named.length > 1) {
      this.exact = false;
      into["anyOf"] = named.map((type) => this.encode({ ...only(schema, type), type }, depth + 1));
    } else if (first !== undefined) into["type"] = typeNames[first] ?? "STRING";
    else if (types.length > 0) this.#unknownType(into);
  }

  /** @returns false when Gemini does not know the member, or not this value of it */
  #encodeMember(into: JsonObject, name: string, value: JsonValue, depth: number): boolean {
    if (name === "type") return true;
    if (into["anyOf"] !== undefined && (name === "properties" || name === "items")) return true;
    if (kept.has(name)) into[name] = value;
    else if (counts.has(name) && typeof value === "number") into[name] = String(value);
    else if (name === "properties" && isObject(value)) into[name] = this.#properties(value, depth);
    else if (name === "required" && Array.isArray(value)) into[name] = value;
    else if (name === "items" && isObject(value)) into[name] = this.encode(value, depth + 1);
    else if (name === "enum" && Array.isArray(value)) return this.#encodeEnum(into, value);
    else if (name === "const") return this.#encodeEnum(into, [value]);
    else if ((name === "anyOf" || name === "oneOf") && Array.isArray(value) && into["anyOf"] === undefined)
      this.#encodeAlternatives(into, name, value, depth);
    else if (name === "format" && typeof value === "string" && formats.has(value)) into[name] = value;
    // Gemini writes no members that are not declared.
    else return name === "additionalProperties" && value === false;
    return true;
  }

  #properties(schemas: JsonObject, depth: number): JsonObject {
    return Object.fromEntries(
      Object.entries(schemas).map(([name, one]) => [name, this.encode(one, depth + 1)]),
    );
  }

  #encodeEnum(into: JsonObject, values: readonly JsonValue[]): boolean {
    const texts = values.filter((value) => value !== null);
    if (texts.length === 0 || !texts.every((value) => typeof value === "string")) return false;
    if (into["type"] !== undefined && into["type"] !== "STRING") return false;
    if (texts.length < values.length) into["nullable"] = true;
    into["type"] = "STRING";
    into["enum"] = texts;
    return true;
  }

  /** "This or null" is `nullable`; other alternatives must stand alone, or Gemini refuses them. */
  #encodeAlternatives(
    into: JsonObject,
    name: "anyOf" | "oneOf",
    given: readonly JsonValue[],
    depth: number,
  ): void {
    const others = given.filter((one) => !(isObject(one) && one["type"] === "null"));
    if (others.length < given.length) into["nullable"] = true;
    const [first] = others;
    if (others.length === 1 && first !== undefined) {
      for (const [member, value] of Object.entries(this.encode(first, depth + 1))) into[member] ??= value;
      return;
    }
    if (name === "oneOf" || into["type"] !== undefined) this.exact = false;
    delete into["type"];
    into["anyOf"] = others.map((one) => this.encode(one, depth + 1));
  }

  /** Gemini wants a type everywhere, and members in every object and list. */
  #completeType(encoded: JsonObject): void {
    if (encoded["anyOf"] !== undefined) {
      // Vertex AI wants nothing beside the alternatives.
      if (Object.keys(encoded).some((name) => name !== "anyOf" && name !== "nullable")) this.exact = false;
      return;
    }
    if (encoded["type"] === undefined) {
      if (isObject(encoded["properties"])) encoded["type"] = "OBJECT";
      else if (isObject(encoded["items"])) encoded["type"] = "ARRAY";
      else this.#unknownType(encoded);
    }
    const properties = encoded["properties"];
    const isEmpty = !isObject(properties) || Object.keys(properties).length === 0;
    if (encoded["type"] === "OBJECT" && isEmpty) {
      this.exact = false;
      delete encoded["properties"];
      delete encoded["required"];
    }
    if (encoded["type"] === "ARRAY" && encoded["items"] === undefined) {
      this.exact = false;
      encoded["items"] = { type: "STRING" };
    }
  }

  #unknownType(into: JsonObject): void {
    this.exact = false;
    into["type"] = "STRING";
  }

  #anything(): JsonObject {
    this.exact = false;
    return { type: "STRING" };
  }
}

/** The members that mean something to one type of a list of types. */
function only(schema: JsonObject, type: string): JsonObject {
  const names = type === "object" ? ["properties", "required"] : type === "array" ? ["items"] : [];
  return Object.fromEntries(
    names.flatMap((name) => (schema[name] === undefined ? [] : [[name, schema[name]]])),
  );
}
