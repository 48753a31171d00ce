/**
 * AWS's own model of Converse, as its SDK carries it: which members there are, of which types, which are required,
 * and that a union holds exactly one. The model leaves out patterns and which value of an enumeration is known; both
 * are in the tables below.
 */
import {
  AudioFormat,
  CachePointType,
  CacheTTL,
  ConverseRequest$,
  DocumentFormat,
  ImageFormat,
  ServiceTierType,
  ToolResultStatus,
} from "@aws-sdk/client-bedrock-runtime";
import { NormalizedSchema } from "@smithy/core/schema";
import { isObject, type JsonObject } from "../../../src/json/types.ts";

/** By the name of the structure and its member. */
const enumerations: Readonly<Record<string, readonly string[]>> = {
  "ImageBlock.format": Object.values(ImageFormat),
  "AudioBlock.format": Object.values(AudioFormat),
  "DocumentBlock.format": Object.values(DocumentFormat),
  "CachePointBlock.type": Object.values(CachePointType),
  "CachePointBlock.ttl": Object.values(CacheTTL),
  "ToolResultBlock.status": Object.values(ToolResultStatus),
  "ServiceTier.type": Object.values(ServiceTierType),
  "Message.role": ["user", "assistant"],
};

/** From the API reference and from what Bedrock says when it refuses. */
const patterns: Readonly<Record<string, RegExp>> = {
  "ToolUseBlock.toolUseId": /^[a-zA-Z0-9_.:-]{1,64}$/,
  "ToolUseBlock.name": /^[a-zA-Z0-9_-]{1,64}$/,
  "ToolSpecification.name": /^[a-zA-Z0-9_-]{1,64}$/,
  "ToolSpecification.description": /[\s\S]/,
  "DocumentBlock.name": /^(?!.*\s\s)[a-zA-Z0-9\s\-()[\]]{1,200}$/,
  "ContentBlock.text": /[\s\S]/,
  "ToolResultContentBlock.text": /[\s\S]/,
  "SystemContentBlock.text": /[\s\S]/,
};

/** What Bedrock would find wrong in the body of a request; empty when nothing is. */
export function violations(body: JsonObject): string[] {
  const found: string[] = [];
  // The model's id stands in the path.
  check({ modelId: "m", ...body }, NormalizedSchema.of(ConverseRequest$), "", found);
  checkMessages(body, found);
  return found;
}

function check(value: unknown, schema: NormalizedSchema, at: string, found: string[]): void {
  const wanted = (what: string): void => void found.push(`${at} must be ${what}`);
  if (schema.isDocumentSchema()) return;
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) return wanted("a list");
    for (const [i, item] of value.entries()) check(item, schema.getValueSchema(), `${at}[${i}]`, found);
  } else if (schema.isMapSchema()) {
    if (!isObject(value)) return wanted("an object");
    for (const [name, item] of Object.entries(value))
      check(item, schema.getValueSchema(), `${at}.${name}`, found);
  } else if (schema.isStructSchema()) checkStructure(value, schema, at, found);
  else if (schema.isNumericSchema()) {
    if (typeof value !== "number") wanted("a number");
  } else if (schema.isBooleanSchema()) {
    if (typeof value !== "boolean") wanted("true or false");
  } else if (schema.isBlobSchema()) {
    if (typeof value !== "string" || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) wanted("base64");
  } else if (typeof value !== "string") wanted("a string");
}

/** How the SDK keeps a structure: kind, namespace, name, traits, names of the members, their types, … */
type Structure = readonly [0, 0, 0, 0, readonly string[], 0, number?];

function checkStructure(value: unknown, schema: NormalizedSchema, at: string, found: string[]): void {
  if (!isObject(value)) return void found.push(`${at} must be an object`);
  const members = new Map(schema.structIterator());
  // The required members come first, and their number is last.
  const [, , , , names, , required] = schema.getSchema() as unknown as Structure;
  const missing = names.slice(0, required ?? 0).filter((name) => value[name] === undefined);
  for (const name of missing) found.push(`${at}.${name} is required`);
  if (schema.isUnionSchema() && Object.keys(value).length !== 1)
    found.push(`${at} must have one member and has ${Object.keys(value).join(", ")}`);
  for (const [name, item] of Object.entries(value)) {
    const place = at === "" ? name : `${at}.${name}`;
    const member = members.get(name);
    if (member === undefined) {
      found.push(`${place} is no member of ${schema.getName()}`);
      continue;
    }
    check(item, member, place, found);
    const rule = `${schema.getName()?.split("#").at(-1)}.${name}`;
    if (enumerations[rule]?.includes(String(item)) === false) found.push(`${place} is unknown: ${item}`);
    if (patterns[rule]?.test(String(item)) === false) found.push(`${place} has the wrong form: ${item}`);
  }
}

/** Rules across blocks, which no schema says. */
function checkMessages(body: JsonObject, found: string[]): void {
  const messages = (Array.isArray(body["messages"]) ? body["messages"] : []).filter(isObject);
  if (messages.length === 0) found.push("messages is empty");
  let points = 0;
  const names = new Set<unknown>();
  messages.forEach(({ role, content }, i) => {
    if (role === messages[i - 1]?.["role"]) found.push(`messages[${i}] has the role of the one before it`);
    const blocks = (Array.isArray(content) ? content : []).filter(isObject);
    if (blocks.length === 0) found.push(`messages[${i}] is empty`);
    if (blocks[0]?.["cachePoint"] !== undefined) found.push(`messages[${i}] begins with a cache point`);
    points += blocks.filter(({ cachePoint }) => cachePoint !== undefined).length;
    const documents = blocks.map(({ document }) => document).filter(isObject);
    if (documents.length > 0 && !blocks.some(({ text }) => text !== undefined))
      found.push(`messages[${i}] has a document and no text`);
    for (const { name } of documents) {
      if (names.has(name)) found.push(`messages[${i}] has a second document of the name ${name}`);
      names.add(name);
    }
    const idsOf = (list: readonly JsonObject[], kind: "toolUse" | "toolResult") =>
      list
        .map((block) => block[kind])
        .filter(isObject)
        // What Bedrock runs itself has its result in the same message.
        .filter(({ type }) => type === undefined || type === "tool_use")
        .map(({ toolUseId }) => toolUseId)
        .sort();
    const before = messages[i - 1]?.["content"];
    const calls = idsOf((Array.isArray(before) ? before : []).filter(isObject), "toolUse");
    const results = idsOf(blocks, "toolResult");
    if (role === "user" && JSON.stringify(calls) !== JSON.stringify(results))
      found.push(`messages[${i}] has results for ${results} after calls of ${calls}`);
    const usesTools = blocks.some(
      ({ toolUse, toolResult }) => toolUse !== undefined || toolResult !== undefined,
    );
    if (usesTools && body["toolConfig"] === undefined)
      found.push("toolConfig is required: there are tool blocks");
  });
  const elsewhere = JSON.stringify([body["system"], body["toolConfig"]]).split('"cachePoint"').length - 1;
  if (points + elsewhere > 4) found.push(`${points + elsewhere} cache points`);
}
