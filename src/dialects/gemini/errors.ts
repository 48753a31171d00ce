/**
 * Errors, both ways: `{error: {code, message, status, details}}`, Google's form for all of its APIs. Some servers put
 * it into a list of one, and so does Google where a stream was to be an array; ours never are, for Google's Python
 * clients fail to read it there (https://github.com/googleapis/google-cloud-python/issues/18223).
 *
 * The official SDKs choose their exception by the HTTP status.
 *
 * Sources: https://ai.google.dev/gemini-api/docs/troubleshooting, https://cloud.google.com/apis/design/errors
 */
import type { ErrorKind, ProviderError } from "../../conversation/error.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { EncodedError } from "../dialect.ts";

interface KindRow {
  readonly httpStatus: number;
  /** The name of the error's gRPC code. */
  readonly status: string;
}

/** Our kinds, their HTTP status when none is given, and what Google calls them. */
const kinds: Readonly<Record<ErrorKind, KindRow>> = {
  "invalid-request": { httpStatus: 400, status: "INVALID_ARGUMENT" },
  authentication: { httpStatus: 401, status: "UNAUTHENTICATED" },
  billing: { httpStatus: 402, status: "FAILED_PRECONDITION" },
  permission: { httpStatus: 403, status: "PERMISSION_DENIED" },
  "not-found": { httpStatus: 404, status: "NOT_FOUND" },
  conflict: { httpStatus: 409, status: "ABORTED" },
  "too-large": { httpStatus: 413, status: "INVALID_ARGUMENT" },
  unprocessable: { httpStatus: 422, status: "INVALID_ARGUMENT" },
  "rate-limit": { httpStatus: 429, status: "RESOURCE_EXHAUSTED" },
  server: { httpStatus: 500, status: "INTERNAL" },
  "bad-gateway": { httpStatus: 502, status: "UNAVAILABLE" },
  unavailable: { httpStatus: 503, status: "UNAVAILABLE" },
  timeout: { httpStatus: 504, status: "DEADLINE_EXCEEDED" },
  // Google's own answer when a model is overloaded; its SDKs retry 503 and do not know 529.
  overloaded: { httpStatus: 503, status: "UNAVAILABLE" },
};

const kindNames = Object.keys(kinds) as ErrorKind[];
const retryInfoType = "type.googleapis.com/google.rpc.RetryInfo";
const errorInfoType = "type.googleapis.com/google.rpc.ErrorInfo";
const badRequestType = "type.googleapis.com/google.rpc.BadRequest";
const maxMessage = 10_000;
/** Characters of a body that is not in Google's form. */
const maxForeignMessage = 500;

/** @param status 0 for an error inside a stream, which tells its own in `code` */
export function decodeError(
  status: number,
  header: (name: string) => string | undefined,
  body: JsonObject | string,
): ProviderError {
  const error = errorOf(typeof body === "string" ? parsed(body) : body);
  const details = detailsOf(error);
  const reason = text(details.get(errorInfoType)?.["reason"]);
  const httpStatus = status >= 400 ? status : codeOf(error);
  // A wrong key is told with 400, like a fault of the request.
  const kind = reason === "API_KEY_INVALID" ? "authentication" : kindOf(httpStatus, text(error?.["status"]));
  const code = reason ?? text(error?.["status"]);
  const param = fieldOf(details.get(badRequestType));
  const retryAfterSeconds =
    secondsOf(details.get(retryInfoType)?.["retryDelay"]) ?? secondsOf(header("retry-after"));
  const requestId = header("x-request-id");
  return {
    kind,
    status: kind === "authentication" ? 401 : (httpStatus ?? kinds[kind].httpStatus),
    message: messageOf(httpStatus, error, body),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** An error that came with status 200 in place of an answer. */
export function decodeAnswerError(body: JsonObject): ProviderError | undefined {
  return isObject(body["error"]) && body["candidates"] === undefined ? decodeStreamError(body) : undefined;
}

/** An event of a stream that holds an error. */
export function decodeStreamError(event: JsonObject): ProviderError {
  return decodeError(0, () => undefined, event);
}

export function encodeError(error: ProviderError): EncodedError {
  const { retryAfterSeconds, requestId } = error;
  return {
    status: statusOf(error),
    headers: [
      ...(retryAfterSeconds === undefined
        ? []
        : [["retry-after", String(Math.max(0, Math.ceil(retryAfterSeconds)))] as const]),
      ...(requestId === undefined ? [] : [["x-request-id", requestId] as const]),
    ],
    body: encodeErrorBody(error),
  };
}

/** The body, which is also what an error inside a stream looks like. */
export function encodeErrorBody(error: ProviderError): JsonObject {
  const { message, code, param, retryAfterSeconds } = error;
  const details: JsonObject[] = [];
  if (code !== undefined) details.push({ "@type": errorInfoType, reason: code, domain: "tollgate" });
  if (param !== undefined && param !== "") {
    details.push({ "@type": badRequestType, fieldViolations: [{ field: param, description: message }] });
  }
  if (retryAfterSeconds !== undefined)
    details.push({ "@type": retryInfoType, retryDelay: `${Math.max(0, retryAfterSeconds)}s` });
  return {
    error: {
      code: statusOf(error),
      message,
      status: kinds[error.kind].status,
      ...(details.length > 0 && { details }),
    },
  };
}

function statusOf({ kind, status }: ProviderError): number {
  return kind === "overloaded" ? kinds.overloaded.httpStatus : status;
}

/** The HTTP status decides where it is known: one name stands for several statuses. */
function kindOf(httpStatus: number | undefined, status: string | undefined): ErrorKind {
  const byHttp = kindNames.find((kind) => kinds[kind].httpStatus === httpStatus);
  if (byHttp !== undefined) return byHttp;
  if (httpStatus === 408) return "timeout";
  if (httpStatus === 529) return "overloaded";
  if (httpStatus !== undefined) return httpStatus >= 500 ? "server" : "invalid-request";
  return kindNames.find((kind) => kinds[kind].status === status) ?? "bad-gateway";
}

function errorOf(body: unknown): JsonObject | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  return isObject(first) && isObject(first["error"]) ? first["error"] : undefined;
}

function detailsOf(error: JsonObject | undefined): ReadonlyMap<string, JsonObject> {
  const details = Array.isArray(error?.["details"]) ? error["details"].filter(isObject) : [];
  return new Map(details.map((detail) => [String(detail["@type"]), detail]));
}

function fieldOf(badRequest: JsonObject | undefined): string | undefined {
  const violations = badRequest?.["fieldViolations"];
  const first = Array.isArray(violations) ? violations[0] : undefined;
  return isObject(first) ? text(first["field"]) : undefined;
}

function codeOf(error: JsonObject | undefined): number | undefined {
  const code = Number(error?.["code"]);
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined;
}

/** A duration as protocol buffers write it, `34.074824224s`, or a plain number of seconds. */
function secondsOf(value: JsonValue | undefined): number | undefined {
  const match = typeof value === "string" ? /^\s*(\d+(?:\.\d+)?)s?\s*$/.exec(value) : null;
  return match === null ? undefined : Number(match[1]);
}

function messageOf(
  httpStatus: number | undefined,
  error: JsonObject | undefined,
  body: JsonObject | string,
): string {
  const said = text(error?.["message"]);
  if (said !== undefined) return said.slice(0, maxMessage);
  const plain = typeof body === "string" ? body.trim() : "";
  if (plain !== "") return plain.slice(0, maxForeignMessage);
  return httpStatus === undefined
    ? "the provider ended the stream with an error"
    : `the provider answered with status ${httpStatus}`;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
