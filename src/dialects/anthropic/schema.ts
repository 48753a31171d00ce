/**
 * JSON schemas for structured output and strict tools.
 *
 * Anthropic compiles them to a grammar and knows a part of JSON Schema: every object closed, no limits on
 * numbers, lengths or patterns, no `oneOf`. What it does not know is told to the model in the description, where
 * it still guides although nothing enforces it.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
 */
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";

const formats = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);
const kept = new Set(["type", "enum", "const", "$ref", "title", "description", "default", "required"]);
/** Members whose value is a schema by name. */
const schemaMaps = new Set(["properties", "$defs", "definitions"]);
const schemaLists = new Set(["anyOf", "allOf"]);
const maxDepth = 64;

export interface EncodedSchema {
  readonly schema: JsonObject;
  /** True when something is no longer enforced, or enforced otherwise. */
  readonly changed: boolean;
}

export function encodeSchema(schema: JsonObject): EncodedSchema {
  const encoder = new SchemaEncoder();
  return { schema: encoder.encode(schema, 0), changed: encoder.changed };
}

class SchemaEncoder {
  changed = false;

  encode(schema: JsonObject, depth: number): JsonObject {
    const encoded: JsonObject = {};
    const unknown: string[] = [];
    for (const [name, value] of Object.entries(schema)) {
      if (depth < maxDepth && this.#encodeMember(encoded, name, value, depth)) continue;
      // `$schema` and `$id` name things and constrain nothing.
      if (name !== "$schema" && name !== "$id") unknown.push(`${name}: ${JSON.stringify(value)}`);
    }
    if (hasType(schema, "object")) {
      if (schema["additionalProperties"] !== false) this.changed = true;
      encoded["additionalProperties"] = false;
    }
    if (unknown.length > 0) {
      this.changed = true;
      const description = typeof encoded["description"] === "string" ? `${encoded["description"]}\n\n` : "";
      encoded["description"] = `${description}{${unknown.join(", ")}}`;
    }
    return encoded;
  }

  /** @returns false when Anthropic does not know the member */
  #encodeMember(into: JsonObject, name: string, value: JsonValue, depth: number): boolean {
    if (kept.has(name)) into[name] = value;
    else if (schemaMaps.has(name) && isObject(value)) into[name] = this.#encodeMap(value, depth);
    else if (schemaLists.has(name) && Array.isArray(value)) into[name] = this.#encodeList(value, depth);
    else if (name === "oneOf" && Array.isArray(value) && into["anyOf"] === undefined) {
      this.changed = true;
      into["anyOf"] = this.#encodeList(value, depth);
    } else if (name === "items" && isObject(value)) into[name] = this.encode(value, depth + 1);
    else if (name === "minItems" && (value === 0 || value === 1)) into[name] = value;
    else if (name === "format" && typeof value === "string" && formats.has(value)) into[name] = value;
    else return name === "additionalProperties";
    return true;
  }

  #encodeMap(schemas: JsonObject, depth: number): JsonObject {
    const entries = Object.entries(schemas);
    return Object.fromEntries(
      entries.map(([name, one]) => [name, isObject(one) ? this.encode(one, depth + 1) : one]),
    );
  }

  #encodeList(schemas: readonly JsonValue[], depth: number): JsonValue[] {
    return schemas.map((one) => (isObject(one) ? this.encode(one, depth + 1) : one));
  }
}

function hasType(schema: JsonObject, type: string): boolean {
  const given = schema["type"];
  return (
    given === type ||
    (Array.isArray(given) && given.includes(type)) ||
    (given === undefined && isObject(schema["properties"]))
  );
}
