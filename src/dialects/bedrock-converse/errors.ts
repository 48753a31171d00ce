/**
 * Errors: a JSON body with a message, the type in the header `x-amzn-errortype`; in streams, exception frames.
 *
 * Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
import type { ErrorKind, ProviderError } from "../../conversation/error.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { kindOf, said, told, toldByPage } from "../error-words.ts";
import { readRetryAfter } from "../openai-chat/retry-after.ts";

type Row = readonly [kind: ErrorKind, status: number];

/**
 * By type in lower case without its ending `exception`, since streams spell it `throttlingException` and headers
 * `ThrottlingException`. The status is what clients shall see: where AWS's own would stop an SDK from trying
 * again what may well succeed (a model that failed: 424), it is one that does not.
 */
const types: ReadonlyMap<string, Row> = new Map<string, Row>([
  ["validation", ["invalid-request", 400]],
  ["serialization", ["invalid-request", 400]],
  ["unrecognizedclient", ["authentication", 401]],
  ["invalidsignature", ["authentication", 401]],
  ["incompletesignature", ["authentication", 401]],
  ["missingauthenticationtoken", ["authentication", 401]],
  ["expiredtoken", ["authentication", 401]],
  ["accessdenied", ["permission", 403]],
  ["notauthorized", ["permission", 403]],
  ["resourcenotfound", ["not-found", 404]],
  ["unknownoperation", ["not-found", 404]],
  ["conflict", ["conflict", 409]],
  ["throttling", ["rate-limit", 429]],
  ["toomanyrequests", ["rate-limit", 429]],
  ["servicequotaexceeded", ["rate-limit", 429]],
  ["internalserver", ["server", 500]],
  ["internalfailure", ["server", 500]],
  ["modelerror", ["bad-gateway", 502]],
  ["modelstreamerror", ["bad-gateway", 502]],
  ["modelnotready", ["unavailable", 503]],
  ["serviceunavailable", ["unavailable", 503]],
  ["modeltimeout", ["timeout", 504]],
]);

/** @param body the parsed body, or the text when it is not JSON */
export function decodeError(
  status: number,
  header: (name: string) => string | undefined,
  body: JsonObject | string,
): ProviderError {
  const retryAfterSeconds = readRetryAfter(header);
  const requestId = header("x-amzn-requestid");
  const error = worded(header("x-amzn-errortype") ?? typeInBody(body), body, status);
  return {
    ...error,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** An error that came with status 200 in place of an answer: `{"Output": {"__type": …}}` for what AWS does not know. */
export function decodeAnswerError(body: JsonObject): ProviderError | undefined {
  const type = body["output"] === undefined ? typeInBody(body) : undefined;
  return type === undefined ? undefined : worded(type, body, 500);
}

/** An exception inside a stream that began with status 200. @param type as in `:exception-type` */
export function decodeException(type: string, body: JsonObject | string): ProviderError {
  return worded(type, body, 500);
}

/** What the bytes of the answer themselves show to be wrong. */
export function brokenStream(message: string): ProviderError {
  return { kind: "bad-gateway", status: 502, message };
}

function worded(type: string | undefined, body: JsonObject | string, status: number): ProviderError {
  const bare = bareType(type ?? "");
  const message = messageOf(body) ?? `Amazon Bedrock answered with ${type ?? `status ${status}`}`;
  const row = types.get(bare) ?? [kindOf(status), status];
  const [kind, shown] = atFault(bare, body) ?? row;
  const isTooLong = kind === "invalid-request" && tooLong.test(message);
  return { kind, status: shown, message, ...(isTooLong && { code: "context_length_exceeded" }) };
}

const tooLong = /input is too long|prompt is too long|exceed\w* (the )?(maximum )?(context|input token)/i;

/** The header's value may have a URL behind a colon; the body's a namespace before a hash. */
function bareType(type: string): string {
  const name = type.split(":")[0]?.split("#").at(-1) ?? "";
  return name.toLowerCase().replace(/exception$/, "");
}

/** A model that answered 400 will do so again, whoever asks it. */
function atFault(type: string, body: JsonObject | string): Row | undefined {
  if (type !== "modelerror" && type !== "modelstreamerror") return undefined;
  const original = isObject(body) ? body["originalStatusCode"] : undefined;
  return original === 400 ? ["invalid-request", 400] : undefined;
}

function typeInBody(body: JsonObject | string): string | undefined {
  if (!isObject(body)) return undefined;
  const output = isObject(body["Output"]) ? body["Output"] : {};
  return said(body["__type"]) ?? said(body["code"]) ?? said(output["__type"]);
}

function messageOf(body: JsonObject | string): string | undefined {
  if (!isObject(body)) return toldByPage(body);
  const message = said(body["message"]) ?? said(body["Message"]);
  const original = said(body["originalMessage"]);
  return told(
    message !== undefined && original !== undefined ? `${message}: ${original}` : (message ?? original),
  );
}
