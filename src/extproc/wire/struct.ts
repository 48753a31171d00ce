import type { JsonObject, JsonValue } from "../../json/types.ts";
import { WireError } from "./error.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

// google.protobuf.Struct: fields = 1 (map: key = 1, value = 2); ListValue: values = 1;
// Value: null = 1, number = 2, string = 3, bool = 4, struct = 5, list = 6.
// Source: https://protobuf.dev/reference/protobuf/google.protobuf/#struct

/**
 * How deep objects and lists may nest. Each object is three messages deep, and Envoy's parser stops at 100
 * messages, so more would be refused by it anyway.
 */
const MAX_DEPTH = 30;

/** Values in one Struct, nested ones included: bounds what few hostile bytes can make us allocate. */
const MAX_VALUES = 10_000;

/** Reads the fields of a Struct that the reader has entered. */
export function decodeStruct(reader: Reader): JsonObject {
  return readObject(reader, { depth: 0, values: 0 });
}

interface Budget {
  depth: number;
  values: number;
}

function readObject(reader: Reader, budget: Budget): JsonObject {
  // Without a prototype, so that no key of a stranger's choosing means anything to it.
  const object: JsonObject = Object.create(null);
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag >>> 3 !== 1) {
      reader.skipField(tag);
      continue;
    }
    const outer = reader.enter(tag);
    let key = "";
    let value: JsonValue = null;
    while (reader.hasMore) {
      const entryTag = reader.tag();
      if (entryTag >>> 3 === 1) key = reader.text(entryTag);
      else if (entryTag >>> 3 === 2) value = readValue(reader, entryTag, budget);
      else reader.skipField(entryTag);
    }
    reader.leave(outer);
    object[key] = value;
  }
  return object;
}

function readValue(reader: Reader, valueTag: number, budget: Budget): JsonValue {
  if (++budget.values > MAX_VALUES) throw new WireError(`more than ${MAX_VALUES} values`);
  const outer = reader.enter(valueTag);
  let value: JsonValue = null;
  while (reader.hasMore) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        reader.skipField(tag);
        value = null;
        break;
      case 2:
        value = reader.double(tag);
        break;
      case 3:
        value = reader.text(tag);
        break;
      case 4:
        value = reader.bool(tag);
        break;
      case 5:
        value = readContainer(reader, tag, budget, readObject);
        break;
      case 6:
        value = readContainer(reader, tag, budget, readList);
        break;
      default:
        reader.skipField(tag);
    }
  }
  reader.leave(outer);
  return value;
}

function readList(reader: Reader, budget: Budget): JsonValue[] {
  const list: JsonValue[] = [];
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) list.push(readValue(reader, tag, budget));
    else reader.skipField(tag);
  }
  return list;
}

function readContainer(
  reader: Reader,
  tag: number,
  budget: Budget,
  read: (reader: Reader, budget: Budget) => JsonValue,
): JsonValue {
  if (++budget.depth > MAX_DEPTH) throw new WireError(`nested deeper than ${MAX_DEPTH}`);
  const outer = reader.enter(tag);
  const value = read(reader, budget);
  reader.leave(outer);
  budget.depth--;
  return value;
}

/** Writes an object as a Struct in the given field. */
export function encodeStruct(writer: Writer, field: number, object: Readonly<JsonObject>): void {
  writeObject(writer, field, object, 0);
}

function writeObject(writer: Writer, field: number, object: Readonly<JsonObject>, depth: number): void {
  if (depth > MAX_DEPTH) throw new WireError(`nested deeper than ${MAX_DEPTH}`);
  const mark = writer.mark;
  const keys = Object.keys(object);
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] as string;
    const value = object[key];
    if (value === undefined) continue;
    const entry = writer.mark;
    writeValue(writer, 2, value, depth);
    writer.text(1, key);
    writer.message(1, entry);
  }
  writer.message(field, mark);
}

function writeValue(writer: Writer, field: number, value: JsonValue, depth: number): void {
  const mark = writer.mark;
  if (value === null) writer.varint(1, 0);
  else if (typeof value === "number") writer.double(2, value);
  else if (typeof value === "string") writer.text(3, value);
  else if (typeof value === "boolean") writer.bool(4, value);
  else if (Array.isArray(value)) writeList(writer, 6, value, depth + 1);
  else writeObject(writer, 5, value, depth + 1);
  writer.message(field, mark);
}

function writeList(writer: Writer, field: number, list: readonly JsonValue[], depth: number): void {
  if (depth > MAX_DEPTH) throw new WireError(`nested deeper than ${MAX_DEPTH}`);
  const mark = writer.mark;
  for (let i = list.length - 1; i >= 0; i--) writeValue(writer, 1, list[i] as JsonValue, depth);
  writer.message(field, mark);
}
