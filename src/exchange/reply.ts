/** Errors of our own, worded by the client's dialect. */
import { type ErrorKind, InvalidRequestError, type ProviderError } from "../conversation/error.ts";
import type { AnyClientDialect } from "../dialects/dialect.ts";
import type { ImmediateResponse } from "../extproc/messages.ts";
import type { JsonObject } from "../json/types.ts";
import { MediaUnavailableError } from "../media/error.ts";
import type { Refusal } from "../rules/rule.ts";
import type { Remarks } from "../telemetry/record.ts";
import { CountUnavailableError } from "../tokens/counting/token-count.ts";
import { TranslationUnavailableError } from "../translation/job.ts";

const statusOf: Readonly<Record<ErrorKind, number>> = {
  "invalid-request": 400,
  authentication: 401,
  billing: 402,
  permission: 403,
  "not-found": 404,
  conflict: 409,
  "too-large": 413,
  unprocessable: 422,
  "rate-limit": 429,
  server: 500,
  "bad-gateway": 502,
  unavailable: 503,
  timeout: 504,
  overloaded: 529,
};

export function refusal(
  kind: ErrorKind,
  reason: string,
  message: string,
  more: Partial<Pick<ProviderError, "code" | "param" | "retryAfterSeconds">> = {},
): Refusal {
  return { reason, error: { kind, status: statusOf[kind], message, ...more } };
}

export const atLimit = refusal(
  "unavailable",
  "too_many_exchanges",
  "the gateway is at its limit of exchanges",
);

/** What was thrown while reading or encoding a request; undefined: a defect. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof TranslationUnavailableError) {
    return refusal("unavailable", "translation_unavailable", "the gateway cannot translate this body now");
  }
  if (error instanceof CountUnavailableError) {
    return refusal("unavailable", "count_unavailable", "the gateway cannot count these tokens now");
  }
  if (error instanceof MediaUnavailableError) {
    return refusal("unavailable", "media_unavailable", "the gateway cannot fetch the request's files now");
  }
  if (!(error instanceof InvalidRequestError)) return undefined;
  const kind = error.status === 422 ? "unprocessable" : "invalid-request";
  const where = error.path === "" || error.message.includes(error.path) ? "" : `${error.path}: `;
  return refusal(kind, error.code ?? "invalid_request", `${where}${error.message}`, {
    ...(error.path !== "" && { param: error.path }),
    ...(error.code !== undefined && { code: error.code }),
  });
}

/** @param more what rules have to say to the client */
export function replyTo(
  dialect: AnyClientDialect,
  { error, reason }: Refusal,
  metadata: JsonObject,
  more: Remarks["headers"] = [],
): ImmediateResponse {
  const encoded = dialect.encodeError(error);
  return {
    kind: "immediate",
    status: encoded.status,
    headers: {
      set: [["content-type", "application/json"], ["x-tollgate-reason", reason], ...encoded.headers, ...more],
    },
    body: Buffer.from(JSON.stringify(encoded.body)),
    details: `tollgate_${reason}`,
    dynamicMetadata: { tollgate: metadata },
  };
}
