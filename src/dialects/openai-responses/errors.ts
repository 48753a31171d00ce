/**
 * Errors inside answers. Those with an HTTP status look and mean the same as in Chat Completions: one vendor, one
 * family of SDK exceptions, so `openai-chat/errors.ts` words them.
 *
 * A stream tells of an error twice, as api.openai.com does: an `error` event, at which the official SDKs throw because
 * of its member `error`, and `response.failed`, which everybody else looks at. The documented form of the first has the
 * words at its top level, so they are there as well.
 *
 * Sources: https://platform.openai.com/docs/api-reference/responses-streaming/error,
 * https://platform.openai.com/docs/api-reference/responses-streaming/response/failed
 */
import type { ErrorKind, ProviderError } from "../../conversation/error.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { decodeStreamError, encodeErrorBody } from "../openai-chat/errors.ts";

/** An error that came with status 200 in place of a response. One that failed is a response still. */
export function decodeAnswerError(body: JsonObject): ProviderError | undefined {
  return isObject(body["error"]) && body["output"] === undefined ? decodeFailedResponse(body) : undefined;
}

/** @param event of the type `error`; its words are at the top level, or inside the member `error` */
export function decodeErrorEvent(event: JsonObject): ProviderError {
  if (isObject(event["error"])) return decodeStreamError(event);
  // Its type says only that it is an error, which is not the kind of one.
  const { type: _, ...words } = event;
  return decodeStreamError(words);
}

/** @param response of the status `failed` or `cancelled` */
export function decodeFailedResponse(response: JsonObject): ProviderError {
  if (isObject(response["error"])) return decodeStreamError({ error: response["error"] });
  const message = `The provider ended the answer as ${String(response["status"] ?? "failed").slice(0, 40)}.`;
  return { kind: "bad-gateway", status: 502, message };
}

/** The members of an `error` event beside its type and number. */
export function encodeErrorEvent(error: ProviderError): JsonObject {
  const words = encodeErrorBody(error)["error"];
  const { type: _, ...flat } = isObject(words) ? words : {};
  return { ...flat, error: words ?? null };
}

/** Codes of failed responses that applications act upon; there are more, but of features that only OpenAI has. */
const codes = ["rate_limit_exceeded", "insufficient_quota", "context_length_exceeded", "invalid_prompt"];

/** The value of `error` in a failed response, whose codes are fewer than those of other errors. */
export function encodeResponseError(error: ProviderError): JsonObject {
  const words = encodeErrorBody(error)["error"];
  const code = isObject(words) ? words["code"] : null;
  return {
    code: typeof code === "string" && codes.includes(code) ? code : codeOf(error.kind),
    message: error.message,
  };
}

function codeOf(kind: ErrorKind): string {
  if (kind === "rate-limit") return "rate_limit_exceeded";
  return kind === "invalid-request" ? "invalid_prompt" : "server_error";
}
