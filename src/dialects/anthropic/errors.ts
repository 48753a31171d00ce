/**
 * Errors, both ways: `{type: "error", error: {type, message}, request_id}`.
 *
 * Source: https://docs.anthropic.com/en/api/errors
 */
import type { ErrorKind, ProviderError } from "../../conversation/error.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import type { EncodedError } from "../dialect.ts";

interface KindRow {
  readonly status: number;
  readonly type: string;
}

/** Our kinds, their status when none is given, and what Anthropic calls them. */
const kinds: Readonly<Record<ErrorKind, KindRow>> = {
  "invalid-request": { status: 400, type: "invalid_request_error" },
  authentication: { status: 401, type: "authentication_error" },
  billing: { status: 402, type: "billing_error" },
  permission: { status: 403, type: "permission_error" },
  "not-found": { status: 404, type: "not_found_error" },
  conflict: { status: 409, type: "conflict_error" },
  "too-large": { status: 413, type: "request_too_large" },
  unprocessable: { status: 422, type: "invalid_request_error" },
  "rate-limit": { status: 429, type: "rate_limit_error" },
  server: { status: 500, type: "api_error" },
  "bad-gateway": { status: 502, type: "api_error" },
  unavailable: { status: 503, type: "api_error" },
  timeout: { status: 504, type: "timeout_error" },
  overloaded: { status: 529, type: "overloaded_error" },
};

const kindNames = Object.keys(kinds) as ErrorKind[];
/** Characters of a body that is not in Anthropic's form. */
const maxForeignMessage = 500;
const maxMessage = 10_000;

/** @param status 0 for an error inside a stream, which has none of its own */
export function decodeError(
  status: number,
  header: (name: string) => string | undefined,
  body: JsonObject | string,
): ProviderError {
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : undefined;
  const kind = kindOf(status, text(error?.["type"]));
  const message = messageOf(status, error, body);
  const code = codeOf(error, message);
  const retryAfterSeconds = retryAfter(header);
  const requestId = (isObject(body) ? text(body["request_id"]) : undefined) ?? header("request-id");
  return {
    kind,
    status: status >= 400 ? status : kinds[kind].status,
    message,
    ...(code !== undefined && { code }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** An error that came with status 200 in place of a message. */
export function decodeAnswerError(body: JsonObject): ProviderError | undefined {
  return isObject(body["error"]) && body["content"] === undefined ? decodeErrorEvent(body) : undefined;
}

/** The `error` event of a stream. */
export function decodeErrorEvent(event: JsonObject): ProviderError {
  return decodeError(0, () => undefined, event);
}

export function encodeError(error: ProviderError): EncodedError {
  return {
    status: error.status,
    headers: [
      ...(error.retryAfterSeconds === undefined
        ? []
        : [["retry-after", String(Math.max(0, Math.ceil(error.retryAfterSeconds)))] as const]),
      ...(error.requestId === undefined ? [] : [["request-id", error.requestId] as const]),
    ],
    body: encodeErrorBody(error),
  };
}

/** The body, which is also what the `error` event of a stream holds. */
export function encodeErrorBody(error: ProviderError): JsonObject {
  const { param, message, code } = error;
  return {
    type: "error",
    error: {
      type: kinds[error.kind].type,
      // Anthropic has no field for the path: its messages begin with it.
      message:
        param === undefined || param === "" || message.includes(param) ? message : `${param}: ${message}`,
      ...(code !== undefined && { details: { error_code: code } }),
    },
    request_id: error.requestId ?? null,
  };
}

/** The status decides where it is known: `invalid_request_error` comes with 400, 413 and 422 alike. */
function kindOf(status: number, type: string | undefined): ErrorKind {
  const byStatus = kindNames.find((kind) => kinds[kind].status === status);
  if (byStatus !== undefined) return byStatus;
  const byType = kindNames.find((kind) => kinds[kind].type === type);
  if (byType !== undefined) return byType;
  if (status === 408) return "timeout";
  return status >= 400 && status < 500 ? "invalid-request" : "server";
}

function messageOf(status: number, error: JsonObject | undefined, body: JsonObject | string): string {
  const said =
    text(error?.["message"]) ??
    (isObject(body) ? (text(body["message"]) ?? text(body["error"]) ?? JSON.stringify(body)) : body);
  const shown = error === undefined ? readable(said) : said.slice(0, maxMessage);
  return shown === "" ? `the provider answered with status ${status}` : shown;
}

/** Proxies answer with whole HTML pages. */
function readable(text: string): string {
  return text
    .slice(0, maxMessage)
    .replace(/<[^<>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, maxForeignMessage);
}

/** Anthropic's own code, or one that clients of other dialects look for. */
function codeOf(error: JsonObject | undefined, message: string): string | undefined {
  const details = error?.["details"];
  const code = isObject(details) ? text(details["error_code"]) : undefined;
  if (code !== undefined) return code;
  return /prompt is too long|exceed(s|ed)? (the )?context (limit|window)/i.test(message)
    ? "context_length_exceeded"
    : undefined;
}

/** Seconds, from a number or from a date, which is counted from the answer's own `date`. */
function retryAfter(header: (name: string) => string | undefined): number | undefined {
  const value = header("retry-after");
  if (value === undefined || value.trim() === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const wait = Date.parse(value) - Date.parse(header("date") ?? "");
  return Number.isFinite(wait) ? Math.max(0, wait / 1000) : undefined;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
