import type {
  BodySendMode,
  ContinueResponse,
  HeaderMutation,
  ImmediateResponse,
  ModeOverride,
  Phase,
  ProcessingResponse,
} from "../messages.ts";
import { encodeStruct } from "./struct.ts";
import { Writer } from "./writer.ts";

/** The oneof members of ProcessingResponse. */
const FIELD: Readonly<Record<Phase | "immediate", number>> = {
  request_headers: 1,
  response_headers: 2,
  request_body: 3,
  response_body: 4,
  request_trailers: 5,
  response_trailers: 6,
  immediate: 7,
};
const DYNAMIC_METADATA = 8;
const MODE_OVERRIDE = 9;
const OVERRIDE_MESSAGE_TIMEOUT = 10;

/** CommonResponse.ResponseStatus */
const CONTINUE_AND_REPLACE = 1;
/** HeaderValueOption.HeaderAppendAction */
const OVERWRITE_IF_EXISTS_OR_ADD = 2;
/** ProcessingMode.HeaderSendMode */
const HEADER_SEND_MODE = { SEND: 1, SKIP: 2 } as const;
/** ProcessingMode.BodySendMode */
const BODY_SEND_MODE: Readonly<Record<BodySendMode, number>> = {
  NONE: 0,
  STREAMED: 1,
  BUFFERED: 2,
  FULL_DUPLEX_STREAMED: 4,
};

/** What a message holds beside its body and its headers. */
const BASE_CAPACITY = 128;
/** Guess for one header set or removed, and for the metadata; the buffer grows when they are larger. */
const HEADER_CAPACITY = 64;
const METADATA_CAPACITY = 1_024;

/**
 * Encodes an `envoy.service.ext_proc.v3.ProcessingResponse`.
 *
 * Header values are written as UTF-8 into raw_value, and replace what is there. A body in an answer to
 * headers is sent with CONTINUE_AND_REPLACE, without which Envoy ignores it.
 *
 * @throws TypeError for what the contract cannot say: a body in an answer to trailers, two kinds of body
 * @throws WireError for metadata nested too deeply, or a status that is no unsigned integer
 */
export function encodeResponse(response: ProcessingResponse): Buffer {
  if (response.kind !== "immediate" && isBare(response)) return BARE[response.kind];
  const writer = new Writer(capacityFor(response));
  if (response.kind !== "immediate" && response.modeOverride) writeMode(writer, response.modeOverride);
  if (response.dynamicMetadata) encodeStruct(writer, DYNAMIC_METADATA, response.dynamicMetadata);
  const mark = writer.mark;
  switch (response.kind) {
    case "immediate":
      writeImmediate(writer, response);
      break;
    case "request_trailers":
    case "response_trailers":
      writeTrailers(writer, response);
      break;
    default:
      writeCommon(writer, response);
  }
  writer.message(FIELD[response.kind], mark);
  return writer.finish();
}

/**
 * Encodes a ProcessingResponse that only sets how long Envoy waits for the real one; it looks at nothing else then.
 *
 * @param ms a whole number
 */
export function encodePatience(ms: number): Buffer {
  const writer = new Writer(BASE_CAPACITY);
  const mark = writer.mark;
  const nanos = (ms % 1_000) * 1_000_000;
  if (nanos > 0) writer.varint(2, nanos);
  writer.varint(1, Math.floor(ms / 1_000));
  writer.message(OVERRIDE_MESSAGE_TIMEOUT, mark);
  return writer.finish();
}

/** "Go on, nothing to change": most answers are this one, so each is encoded once. Never written to. */
const BARE: Readonly<Record<Phase, Buffer>> = {
  request_headers: Buffer.from([FIELD.request_headers * 8 + 2, 0]),
  response_headers: Buffer.from([FIELD.response_headers * 8 + 2, 0]),
  request_body: Buffer.from([FIELD.request_body * 8 + 2, 0]),
  response_body: Buffer.from([FIELD.response_body * 8 + 2, 0]),
  request_trailers: Buffer.from([FIELD.request_trailers * 8 + 2, 0]),
  response_trailers: Buffer.from([FIELD.response_trailers * 8 + 2, 0]),
};

function isBare(response: ContinueResponse): boolean {
  return (
    response.headers === undefined &&
    response.body === undefined &&
    response.streamedBody === undefined &&
    response.clearRouteCache !== true &&
    response.modeOverride === undefined &&
    response.dynamicMetadata === undefined
  );
}

function capacityFor(response: ProcessingResponse): number {
  const headers = (response.headers?.set?.length ?? 0) + (response.headers?.remove?.length ?? 0);
  const streamed = response.kind === "immediate" ? 0 : (response.streamedBody?.chunk.length ?? 0);
  return (
    BASE_CAPACITY +
    headers * HEADER_CAPACITY +
    (response.dynamicMetadata ? METADATA_CAPACITY : 0) +
    (response.body?.length ?? 0) +
    streamed
  );
}

/** HeadersResponse and BodyResponse: both hold one CommonResponse. */
function writeCommon(writer: Writer, response: ContinueResponse): void {
  const mark = writer.mark;
  if (response.clearRouteCache) writer.bool(5, true);
  const replaces = writeBodyMutation(writer, response);
  if (response.headers) writeHeaderMutation(writer, 2, response.headers);
  const forHeaders = response.kind === "request_headers" || response.kind === "response_headers";
  if (replaces && forHeaders) writer.varint(1, CONTINUE_AND_REPLACE);
  writer.message(1, mark);
}

/** @returns whether the answer replaces a body as a whole */
function writeBodyMutation(writer: Writer, response: ContinueResponse): boolean {
  const { body, streamedBody } = response;
  if (body === undefined && streamedBody === undefined) return false;
  if (body !== undefined && streamedBody !== undefined) {
    throw new TypeError(`answer to ${response.kind} has both a body and a streamed body`);
  }
  const mark = writer.mark;
  if (streamedBody !== undefined) {
    const streamed = writer.mark;
    if (streamedBody.endOfStream) writer.bool(2, true);
    if (streamedBody.chunk.length > 0) writer.bytes(1, streamedBody.chunk);
    writer.message(3, streamed);
  } else if (body !== undefined && body.length > 0) writer.bytes(1, body);
  else writer.bool(2, true);
  writer.message(3, mark);
  return body !== undefined;
}

function writeTrailers(writer: Writer, response: ContinueResponse): void {
  if (response.body !== undefined || response.streamedBody !== undefined || response.clearRouteCache) {
    throw new TypeError(`answer to ${response.kind} can change trailers only`);
  }
  if (response.headers) writeHeaderMutation(writer, 1, response.headers);
}

function writeImmediate(writer: Writer, response: ImmediateResponse): void {
  if (response.details !== "") writer.text(5, response.details);
  if (response.body.length > 0) writer.bytes(3, response.body);
  if (response.headers) writeHeaderMutation(writer, 2, response.headers);
  const mark = writer.mark;
  writer.varint(1, response.status);
  writer.message(1, mark);
}

function writeHeaderMutation(writer: Writer, field: number, mutation: HeaderMutation): void {
  const mark = writer.mark;
  const { set = [], remove = [] } = mutation;
  for (let i = remove.length - 1; i >= 0; i--) writer.text(2, remove[i] as string);
  for (let i = set.length - 1; i >= 0; i--) {
    const [name, value] = set[i] as readonly [string, string];
    const option = writer.mark;
    writer.varint(3, OVERWRITE_IF_EXISTS_OR_ADD);
    const header = writer.mark;
    if (value !== "") writer.text(3, value);
    writer.text(1, name);
    writer.message(1, header);
    writer.message(1, option);
  }
  writer.message(field, mark);
}

function writeMode(writer: Writer, mode: ModeOverride): void {
  const mark = writer.mark;
  if (mode.responseTrailers) writer.varint(6, HEADER_SEND_MODE[mode.responseTrailers]);
  if (mode.responseBody) writer.varint(4, BODY_SEND_MODE[mode.responseBody]);
  if (mode.requestBody) writer.varint(3, BODY_SEND_MODE[mode.requestBody]);
  if (mode.responseHeaders) writer.varint(2, HEADER_SEND_MODE[mode.responseHeaders]);
  writer.message(MODE_OVERRIDE, mark);
}
