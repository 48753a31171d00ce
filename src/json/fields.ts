/**
 * Reads members of a client's JSON object that must have a certain type. Null counts as absent, as every
 * provider treats it. A member of another type is the client's fault and says so with its path.
 */
import { InvalidRequestError } from "../conversation/error.ts";
import { isObject, type JsonObject, type JsonValue } from "./types.ts";

/** The path of a member: `a.b`, or `b` at the root. */
function memberPath(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

/** @throws InvalidRequestError when it is there and not a string */
export function stringField(object: JsonObject, name: string, at = ""): string | undefined {
  const value = object[name];
  if (typeof value === "string") return value;
  return absent(value, name, at, "a string");
}

/** @throws InvalidRequestError when it is not there or not a string */
export function requiredString(object: JsonObject, name: string, at = ""): string {
  return stringField(object, name, at) ?? missing(name, at);
}

/** @throws InvalidRequestError when it is there and not a number, or one that JSON cannot write again (1e400) */
export function numberField(object: JsonObject, name: string, at = ""): number | undefined {
  const value = object[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return absent(value, name, at, "a number");
}

/** @throws InvalidRequestError when it is there and not true or false */
export function booleanField(object: JsonObject, name: string, at = ""): boolean | undefined {
  const value = object[name];
  if (typeof value === "boolean") return value;
  return absent(value, name, at, "true or false");
}

/** @throws InvalidRequestError when it is there and not an object */
export function objectField(object: JsonObject, name: string, at = ""): JsonObject | undefined {
  const value = object[name];
  if (isObject(value)) return value;
  return absent(value, name, at, "an object");
}

/** @throws InvalidRequestError when it is not there or not an object */
export function requiredObject(object: JsonObject, name: string, at = ""): JsonObject {
  return objectField(object, name, at) ?? missing(name, at);
}

/** @throws InvalidRequestError when it is there and not a list */
export function listField(object: JsonObject, name: string, at = ""): readonly JsonValue[] | undefined {
  const value = object[name];
  if (Array.isArray(value)) return value;
  return absent(value, name, at, "a list");
}

/** @throws InvalidRequestError when the item of a list is not an object */
export function objectItem(value: JsonValue | undefined, at: string): JsonObject {
  if (isObject(value)) return value;
  throw new InvalidRequestError(at, `${at} must be an object.`);
}

function absent(value: JsonValue | undefined, name: string, at: string, expected: string): undefined {
  if (value === undefined || value === null) return undefined;
  const path = memberPath(at, name);
  throw new InvalidRequestError(path, `${path} must be ${expected}.`);
}

function missing(name: string, at: string): never {
  const path = memberPath(at, name);
  throw new InvalidRequestError(path, `${path} is required.`);
}
