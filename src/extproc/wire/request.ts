import type { JsonValue } from "../../json/types.ts";
import { HeaderList } from "../headers.ts";
import type { Phase, ProcessingRequest } from "../messages.ts";
import { WireError } from "./error.ts";
import { Reader } from "./reader.ts";
import { decodeStruct } from "./struct.ts";

/** Headers in one message. Envoy refuses more than 100 unless told otherwise. */
const MAX_HEADERS = 4_096;

/** Attributes in one message, over all filters. */
const MAX_ATTRIBUTES = 1_024;

const NO_BODY = new Uint8Array(0);
const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** The oneof members of ProcessingRequest by field number. */
const PHASES: readonly (Phase | undefined)[] = [
  undefined,
  undefined,
  "request_headers",
  "response_headers",
  "request_body",
  "response_body",
  "request_trailers",
  "response_trailers",
];

interface Draft {
  kind: Phase | "unknown";
  headers: HeaderList;
  body: Uint8Array;
  endOfStream: boolean;
  attributes: Record<string, string> | undefined;
  attributeCount: number;
}

/**
 * Decodes an `envoy.service.ext_proc.v3.ProcessingRequest`.
 *
 * The body is a view of the given bytes. Of a oneof sent twice the last member counts. Trailers end the
 * stream. Attributes: strings as they are, numbers and booleans as text, lists and objects as JSON text,
 * null as if absent.
 *
 * @throws WireError if the bytes are no such message
 */
export function decodeRequest(bytes: Uint8Array): ProcessingRequest {
  const reader = new Reader(bytes);
  const draft: Draft = {
    kind: "unknown",
    headers: HeaderList.empty,
    body: NO_BODY,
    endOfStream: false,
    attributes: undefined,
    attributeCount: 0,
  };
  while (reader.hasMore) {
    const tag = reader.tag();
    const field = tag >>> 3;
    const phase = field < PHASES.length ? PHASES[field] : undefined;
    if (phase !== undefined) readPhase(reader, tag, phase, draft);
    else if (field === 9) readAttributes(reader, tag, draft);
    else reader.skipField(tag);
  }
  return {
    kind: draft.kind,
    headers: draft.headers,
    body: draft.body,
    endOfStream: draft.endOfStream,
    attributes: draft.attributes ?? NO_ATTRIBUTES,
  };
}

function readPhase(reader: Reader, tag: number, phase: Phase, draft: Draft): void {
  const outer = reader.enter(tag);
  draft.kind = phase;
  draft.headers = HeaderList.empty;
  draft.body = NO_BODY;
  draft.endOfStream = false;
  switch (phase) {
    case "request_headers":
    case "response_headers":
      readHeaders(reader, draft);
      break;
    case "request_body":
    case "response_body":
      readBody(reader, draft);
      break;
    case "request_trailers":
    case "response_trailers":
      readHeaders(reader, draft);
      draft.endOfStream = true;
      break;
    default:
      phase satisfies never;
  }
  reader.leave(outer);
}

/** HttpHeaders, and HttpTrailers, which is the same without its end_of_stream. */
function readHeaders(reader: Reader, draft: Draft): void {
  while (reader.hasMore) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        draft.headers = readHeaderMap(reader, tag);
        break;
      case 3:
        draft.endOfStream = reader.bool(tag);
        break;
      default:
        reader.skipField(tag);
    }
  }
}

function readBody(reader: Reader, draft: Draft): void {
  while (reader.hasMore) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        draft.body = reader.bytes(tag);
        break;
      case 2:
        draft.endOfStream = reader.bool(tag);
        break;
      default:
        reader.skipField(tag);
    }
  }
}

function readHeaderMap(reader: Reader, mapTag: number): HeaderList {
  const outer = reader.enter(mapTag);
  const flat: string[] = [];
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) readHeader(reader, tag, flat);
    else reader.skipField(tag);
  }
  reader.leave(outer);
  return new HeaderList(flat);
}

/** A HeaderValue. Envoy fills raw_value and leaves value empty; older ones did the opposite. */
function readHeader(reader: Reader, headerTag: number, flat: string[]): void {
  if (flat.length >= MAX_HEADERS * 2) throw new WireError(`more than ${MAX_HEADERS} headers`);
  const outer = reader.enter(headerTag);
  let name = "";
  let value = "";
  let rawValue = "";
  while (reader.hasMore) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        name = reader.text(tag);
        break;
      case 2:
        value = reader.text(tag);
        break;
      case 3:
        rawValue = reader.text(tag);
        break;
      default:
        reader.skipField(tag);
    }
  }
  reader.leave(outer);
  flat.push(name, rawValue === "" ? value : rawValue);
}

/** One entry of the map from filter name to attributes; the filter's name means nothing to us. */
function readAttributes(reader: Reader, entryTag: number, draft: Draft): void {
  const outer = reader.enter(entryTag);
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag >>> 3 !== 2) {
      reader.skipField(tag);
      continue;
    }
    const around = reader.enter(tag);
    const fields = decodeStruct(reader);
    reader.leave(around);
    draft.attributes ??= Object.create(null) as Record<string, string>;
    for (const name of Object.keys(fields)) {
      if (++draft.attributeCount > MAX_ATTRIBUTES)
        throw new WireError(`more than ${MAX_ATTRIBUTES} attributes`);
      const text = attributeText(fields[name] as JsonValue);
      if (text !== undefined) draft.attributes[name] = text;
    }
  }
  reader.leave(outer);
}

function attributeText(value: JsonValue): string | undefined {
  if (typeof value === "string") return value;
  if (value === null) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
