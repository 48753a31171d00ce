/** Small checks that several providers' rules share. */
import { isObject, type JsonObject, type JsonValue } from "../../../../src/json/types.ts";

/** The objects of a list; none when it is none. */
export function objects(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Data in the standard alphabet, as everybody but Google demands. @param name of the members that hold it */
export function brokenBase64(value: JsonValue, name: string, prefix = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => brokenBase64(item, name, prefix));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    if (key !== name || typeof member !== "string" || !member.startsWith(prefix))
      return brokenBase64(member, name, prefix);
    const data = prefix === "" ? member : member.slice(member.indexOf(",") + 1);
    return /^[A-Za-z0-9+/]*={0,2}$/.test(data) ? [] : [`${name}: no base64`];
  });
}

/** @param most inclusive */
export function isWithin(body: JsonObject, name: string, least: number, most: number): string[] {
  const value = body[name];
  if (value === undefined || (typeof value === "number" && value >= least && value <= most)) return [];
  return [`${name}: ${JSON.stringify(value)} is not within ${least} and ${most}`];
}

/**
 * The parameters of a function are an object at their root, and no alternatives: OpenAI's "schema must have type
 * 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level", Anthropic's "input_schema does not support
 * oneOf, allOf, or anyOf at the top level", Gemini's "parameters schema should be of type OBJECT".
 */
export function rootOfFunction(
  schema: JsonValue | undefined,
  { properties = false, type = "object" }: { properties?: boolean; type?: string } = {},
): string[] {
  if (schema === undefined) return [];
  if (!isObject(schema) || schema["type"] !== type)
    return [`parameters of the type ${JSON.stringify(schema)}`];
  const unions = ["anyOf", "oneOf", "allOf", "enum", "not"].filter((one) => schema[one] !== undefined);
  return [
    ...unions.map((one) => `parameters with ${one} at their root`),
    // OpenAI's "object schema missing properties".
    ...(properties && schema["properties"] === undefined ? ["parameters without properties"] : []),
  ];
}
