/** Holds values to the types that Google publishes: those of the API in `@google/genai`'s declarations, read as text. */
import { readFileSync } from "node:fs";
import { isObject, type JsonValue } from "../../../src/json/types.ts";

const file = new URL("../../../node_modules/@google/genai/dist/genai.d.ts", import.meta.url);
const declarations = readFileSync(file, "utf8");

type Members = ReadonlyMap<string, string>;

const structures = new Map<string, Members>();
const enums = new Map<string, ReadonlySet<string>>();

const plain = declarations.replace(/\/\*\*[\s\S]*?\*\//g, "");
for (const [, name = "", body = ""] of plain.matchAll(
  /^(?:export )?declare (?:interface|class) (\w+)[^{\n]*\{([\s\S]*?)^\}/gm,
)) {
  const members = body.matchAll(/^ {4}(\w+)\?: ([^;]+);$/gm);
  structures.set(name, new Map([...members].map(([, member = "", type = ""]) => [member, type])));
}
for (const [, name = "", body = ""] of plain.matchAll(/^export declare enum (\w+) \{([\s\S]*?)^\}/gm)) {
  enums.set(name, new Set([...body.matchAll(/= "([^"]+)"/g)].map(([, value = ""]) => value)));
}

/** What of the value the type does not allow, each with its path; empty when all is well. */
export function violations(value: JsonValue | undefined, type: string, at = ""): string[] {
  if (value === undefined) return [];
  if (type.endsWith("[]")) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((item, index) => violations(item, type.slice(0, -2), `${at}[${index}]`));
  }
  const record = /^Record<string, (\w+)>$/.exec(type)?.[1];
  if (record !== undefined) {
    if (!isObject(value)) return [`${at} is no object`];
    return Object.entries(value).flatMap(([name, member]) => violations(member, record, `${at}.${name}`));
  }
  switch (type) {
    case "unknown":
      return [];
    case "string":
    case "number":
    case "boolean":
      return typeof value === type ? [] : [`${at} is no ${type}`];
    default:
      return ofNamed(value, type, at);
  }
}

function ofNamed(value: JsonValue, type: string, at: string): string[] {
  const words = enums.get(type);
  if (words !== undefined) return words.has(String(value)) ? [] : [`${at} is no ${type}: ${String(value)}`];
  const members = structures.get(type);
  if (members === undefined) throw new Error(`no type is called ${type}`);
  if (!isObject(value)) return [`${at} is no object`];
  return Object.entries(value).flatMap(([name, member]) => {
    const of = members.get(name);
    return of === undefined ? [`${at}.${name} is not in ${type}`] : violations(member, of, `${at}.${name}`);
  });
}
