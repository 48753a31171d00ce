import { fileURLToPath } from "node:url";
import { loadSync, type MethodDefinition } from "@grpc/proto-loader";
import protobuf from "google-protobuf";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { JsonObject } from "../../../src/json/types.ts";

/** A protobuf message as a plain object with the field names of `proto/`; a Struct is the JSON object it is. */
export type Plain = { [field: string]: unknown };

/** Somebody else's implementation of the contract in `proto/`. */
export interface Peer {
  readonly name: string;
  encodeRequest(message: Plain): Buffer;
  decodeResponse(bytes: Buffer): Plain;
}

const PROTO = fileURLToPath(new URL("../../../proto", import.meta.url));
const definition = loadSync(
  ["envoy/service/ext_proc/v3/external_processor.proto", "grpc/health/v1/health.proto"],
  { includeDirs: [PROTO], keepCase: true },
);

/** The services of `proto/` as @grpc/proto-loader sees them. */
export const loaded = definition;
type Method = MethodDefinition<Plain, Plain>;
export const processMethod = (
  definition["envoy.service.ext_proc.v3.ExternalProcessor"] as unknown as { Process: Method }
).Process;

const protoLoader: Peer = {
  name: "@grpc/proto-loader",
  encodeRequest: (message) => {
    const attributes = message["attributes"] as Record<string, JsonObject> | undefined;
    if (attributes === undefined) return processMethod.requestSerialize(message);
    const entries = Object.entries(attributes).map(([filter, struct]) => [filter, toStruct(struct)]);
    return processMethod.requestSerialize({ ...message, attributes: Object.fromEntries(entries) });
  },
  decodeResponse: (bytes) => {
    const message = processMethod.responseDeserialize(bytes) as Plain;
    const metadata = message["dynamic_metadata"];
    return metadata === undefined ? message : { ...message, dynamic_metadata: fromStruct(metadata as Plain) };
  },
};

function toStruct(object: JsonObject): Plain {
  return { fields: Object.fromEntries(Object.entries(object).map(([key, value]) => [key, toValue(value)])) };
}

function toValue(value: unknown): Plain {
  if (value === null) return { nullValue: 0 };
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } };
  return { structValue: toStruct(value as JsonObject) };
}

function fromStruct(struct: Plain): Plain {
  const fields = (struct["fields"] ?? {}) as Record<string, Plain>;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, fromValue(value)]));
}

function fromValue(value: Plain): unknown {
  const [kind, content] = Object.entries(value)[0] ?? [];
  if (kind === "nullValue") return null;
  if (kind === "listValue") return (((content as Plain)["values"] ?? []) as Plain[]).map(fromValue);
  return kind === "structValue" ? fromStruct(content as Plain) : content;
}

// google-protobuf has no compiler here, so the contract is stated once more, as data for its low-level
// reader and writer. Numbers are Envoy's.
type Type = "string" | "bytes" | "bool" | "number" | "struct" | "structs" | Schema;
type Field = readonly [number: number, type: Type, repeated?: "repeated"];
interface Schema {
  readonly [name: string]: Field;
}

const headerValue: Schema = { key: [1, "string"], value: [2, "string"], raw_value: [3, "bytes"] };
const headerMap: Schema = { headers: [1, headerValue, "repeated"] };
const httpHeaders: Schema = { headers: [1, headerMap], end_of_stream: [3, "bool"] };
const httpBody: Schema = { body: [1, "bytes"], end_of_stream: [2, "bool"] };
const httpTrailers: Schema = { trailers: [1, headerMap] };
const request: Schema = {
  request_headers: [2, httpHeaders],
  response_headers: [3, httpHeaders],
  request_body: [4, httpBody],
  response_body: [5, httpBody],
  request_trailers: [6, httpTrailers],
  response_trailers: [7, httpTrailers],
  attributes: [9, "structs"],
  observability_mode: [10, "bool"],
};

const headerOption: Schema = { header: [1, headerValue], append_action: [3, "number"] };
const headerMutation: Schema = {
  set_headers: [1, headerOption, "repeated"],
  remove_headers: [2, "string", "repeated"],
};
const bodyMutation: Schema = {
  body: [1, "bytes"],
  clear_body: [2, "bool"],
  streamed_response: [3, httpBody],
};
const common: Schema = {
  status: [1, "number"],
  header_mutation: [2, headerMutation],
  body_mutation: [3, bodyMutation],
  clear_route_cache: [5, "bool"],
};
const commonResponse: Schema = { response: [1, common] };
const trailersResponse: Schema = { header_mutation: [1, headerMutation] };
const immediate: Schema = {
  status: [1, { code: [1, "number"] }],
  headers: [2, headerMutation],
  body: [3, "bytes"],
  details: [5, "string"],
};
const mode: Schema = {
  request_header_mode: [1, "number"],
  response_header_mode: [2, "number"],
  request_body_mode: [3, "number"],
  response_body_mode: [4, "number"],
  request_trailer_mode: [5, "number"],
  response_trailer_mode: [6, "number"],
};
const response: Schema = {
  request_headers: [1, commonResponse],
  response_headers: [2, commonResponse],
  request_body: [3, commonResponse],
  response_body: [4, commonResponse],
  request_trailers: [5, trailersResponse],
  response_trailers: [6, trailersResponse],
  immediate_response: [7, immediate],
  dynamic_metadata: [8, "struct"],
  mode_override: [9, mode],
  override_message_timeout: [10, { seconds: [1, "number"], nanos: [2, "number"] }],
};

const googleProtobuf: Peer = {
  name: "google-protobuf",
  encodeRequest: (message) => {
    const writer = new protobuf.BinaryWriter();
    write(writer, request, message);
    return Buffer.from(writer.getResultBuffer());
  },
  decodeResponse: (bytes) => read(new protobuf.BinaryReader(new Uint8Array(bytes)), response),
};

function write(writer: protobuf.BinaryWriter, schema: Schema, message: Plain): void {
  for (const [name, [number, type, repeated]] of Object.entries(schema)) {
    const value = message[name];
    if (value === undefined) continue;
    for (const item of repeated ? (value as unknown[]) : [value]) writeField(writer, number, type, item);
  }
}

function writeField(writer: protobuf.BinaryWriter, number: number, type: Type, value: unknown): void {
  if (type === "string") writer.writeString(number, value as string);
  else if (type === "bytes") writer.writeBytes(number, value as Uint8Array);
  else if (type === "bool") writer.writeBool(number, value as boolean);
  else if (type === "number") writer.writeInt32(number, value as number);
  else if (type === "struct") {
    const struct = structs.Struct.fromJavaScript(value as never);
    writer.writeMessage(number, struct, structs.Struct.serializeBinaryToWriter);
  } else if (type === "structs") {
    for (const [key, struct] of Object.entries(value as Plain)) {
      writeField(writer, number, { key: [1, "string"], value: [2, "struct"] }, { key, value: struct });
    }
  } else writer.writeMessage(number, value as never, (item, to) => write(to, type, item as unknown as Plain));
}

function read(reader: protobuf.BinaryReader, schema: Schema): Plain {
  const message: Plain = {};
  while (reader.nextField() && !reader.isEndGroup()) {
    const found = Object.entries(schema).find(([, [number]]) => number === reader.getFieldNumber());
    if (found === undefined) throw new Error(`unexpected field ${reader.getFieldNumber()}`);
    const [name, [, type, repeated]] = found;
    const value = readField(reader, type);
    if (repeated) message[name] = [...((message[name] ?? []) as unknown[]), value];
    else message[name] = value;
  }
  return message;
}

function readField(reader: protobuf.BinaryReader, type: Type): unknown {
  if (type === "string") return reader.readString();
  if (type === "bytes") return Buffer.from(reader.readBytes() as Uint8Array);
  if (type === "bool") return reader.readBool();
  if (type === "number") return reader.readInt32();
  if (type === "structs") throw new Error("only requests hold maps of structs");
  if (type === "struct") {
    const struct = new structs.Struct();
    reader.readMessage(struct, structs.Struct.deserializeBinaryFromReader);
    return struct.toJavaScript();
  }
  let message: Plain = {};
  reader.readMessage({} as never, (_, inner) => {
    message = read(inner as unknown as protobuf.BinaryReader, type);
  });
  return message;
}

export const peers: readonly Peer[] = [protoLoader, googleProtobuf];
