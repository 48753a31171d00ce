/**
 * Errors as OpenAI words them: `{"error": {"message", "type", "param", "code"}}`.
 *
 * The official SDKs choose their exception by HTTP status and retry 408, 409, 429 and 5xx.
 *
 * Source: https://platform.openai.com/docs/guides/error-codes
 */
import type { ErrorKind, ProviderError } from "../../conversation/error.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { EncodedError } from "../dialect.ts";
import { told } from "../error-words.ts";
import { readRetryAfter } from "./retry-after.ts";

/** How a kind is told: its status when none is known, its `type`, and a `code` when the error has none. */
const words: Readonly<Record<ErrorKind, { status: number; type: string; code: string | null }>> = {
  "invalid-request": { status: 400, type: "invalid_request_error", code: null },
  authentication: { status: 401, type: "invalid_request_error", code: "invalid_api_key" },
  billing: { status: 402, type: "insufficient_quota", code: "insufficient_quota" },
  permission: { status: 403, type: "permission_error", code: null },
  "not-found": { status: 404, type: "invalid_request_error", code: "not_found" },
  conflict: { status: 409, type: "conflict_error", code: null },
  "too-large": { status: 413, type: "invalid_request_error", code: "request_too_large" },
  unprocessable: { status: 422, type: "invalid_request_error", code: "unprocessable" },
  "rate-limit": { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
  server: { status: 500, type: "server_error", code: null },
  "bad-gateway": { status: 502, type: "server_error", code: "bad_gateway" },
  unavailable: { status: 503, type: "server_error", code: "unavailable" },
  timeout: { status: 504, type: "timeout_error", code: "timeout" },
  overloaded: { status: 529, type: "overloaded_error", code: "overloaded" },
};

const kindOfStatus: ReadonlyMap<number, ErrorKind> = new Map([
  ...Object.entries(words).map(([kind, word]) => [word.status, kind as ErrorKind] as const),
  [408, "timeout"],
]);

/** Types and codes of errors that come without a status, inside a stream. */
const kindOfWord: ReadonlyMap<string, ErrorKind> = new Map([
  ["invalid_request_error", "invalid-request"],
  ["context_length_exceeded", "invalid-request"],
  ["invalid_api_key", "authentication"],
  ["authentication_error", "authentication"],
  ["insufficient_quota", "rate-limit"],
  ["permission_error", "permission"],
  ["not_found_error", "not-found"],
  ["model_not_found", "not-found"],
  ["rate_limit_error", "rate-limit"],
  ["rate_limit_exceeded", "rate-limit"],
  ["tokens", "rate-limit"],
  ["requests", "rate-limit"],
  ["server_error", "server"],
  ["internal_error", "server"],
  ["internal_server_error", "server"],
  ["api_error", "server"],
  ["timeout_error", "timeout"],
  ["overloaded_error", "overloaded"],
  ["service_unavailable", "unavailable"],
]);

/** Longest message that is passed on. A proxy's error page may be megabytes. */
const maxMessageLength = 500;

/** @param body the parsed body, or the text when it is not JSON */
export function decodeError(
  status: number,
  header: (name: string) => string | undefined,
  body: JsonObject | string,
): ProviderError {
  const retryAfterSeconds = readRetryAfter(header);
  const requestId = header("x-request-id") ?? header("request-id");
  return {
    ...readBody(body, `The provider answered with status ${status}.`),
    kind: kindOf(status),
    status,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/**
 * An error that came with status 200 in place of an answer, as some compatible vendors send it: `{"error": …}` without
 * choices, or a choice that finished with one.
 *
 * Source: https://openrouter.ai/docs/api-reference/errors
 */
export function decodeAnswerError(body: JsonObject): ProviderError | undefined {
  const { choices, error } = body;
  const fallback = "The provider answered with an error.";
  if (!Array.isArray(choices) || choices.length === 0)
    return isObject(error) || typeof error === "string" ? decodeStreamError(body, fallback) : undefined;
  const failed = choices.filter(isObject).find((choice) => choice["finish_reason"] === "error");
  return failed === undefined ? undefined : decodeStreamError({ error: failed["error"] ?? null }, fallback);
}

/**
 * An error inside a stream that began with status 200: the status is in its code, or follows from its words.
 *
 * @param fallback the message of one that has none
 */
export function decodeStreamError(
  body: JsonValue,
  fallback = "The provider ended the stream with an error.",
): ProviderError {
  const read = readBody(body, fallback);
  const inner = isObject(body) && isObject(body["error"]) ? body["error"] : body;
  const type = isObject(inner) && typeof inner["type"] === "string" ? inner["type"] : "";
  const status = [read.code, isObject(inner) ? inner["status"] : undefined].map(Number).find(isErrorStatus);
  if (status !== undefined) return { ...read, kind: kindOf(status), status };
  const kind = kindOfWord.get(read.code ?? "") ?? kindOfWord.get(type) ?? "bad-gateway";
  return { ...read, kind, status: words[kind].status };
}

/** The status is the error's own; the waiting time goes into headers that the SDKs read. */
export function encodeError(error: ProviderError): EncodedError {
  const headers: Array<readonly [string, string]> = [];
  if (error.retryAfterSeconds !== undefined) {
    headers.push(["retry-after", String(Math.ceil(error.retryAfterSeconds))]);
    const milliseconds = Math.round(error.retryAfterSeconds * 1000);
    if (milliseconds % 1000 !== 0) headers.push(["retry-after-ms", String(milliseconds)]);
  }
  if (error.requestId !== undefined) headers.push(["x-request-id", error.requestId]);
  return { status: error.status, headers, body: encodeErrorBody(error) };
}

/** The body alone, which is also what an error inside a stream looks like. */
export function encodeErrorBody(error: ProviderError): JsonObject {
  const { type, code } = words[error.kind];
  return { error: { message: error.message, type, param: error.param ?? null, code: error.code ?? code } };
}

function kindOf(status: number): ErrorKind {
  return kindOfStatus.get(status) ?? (status >= 500 ? "server" : "invalid-request");
}

/** Whether the member `error` of an event says that there is one. */
export function isErrorValue(error: JsonValue | undefined): boolean {
  return isObject(error) || (typeof error === "string" && error !== "");
}

function isErrorStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599;
}

/** Vendors disagree on the shape: `error` may be a string, and FastAPI servers say `detail`. */
function readBody(body: JsonValue, fallback: string): Pick<ProviderError, "message" | "code" | "param"> {
  const outer = isObject(body) ? body : {};
  const inner = isObject(outer["error"]) ? outer["error"] : outer;
  const { message: said, code, param } = inner;
  const candidates = [
    said,
    outer["error"],
    outer["message"],
    outer["detail"],
    typeof body === "string" ? body : "",
  ];
  const message = candidates.map((text) => told(text, maxMessageLength)).find((text) => text !== undefined);
  return {
    message: message ?? fallback,
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    ...(typeof param === "string" ? { param } : {}),
  };
}
