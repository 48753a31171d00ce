/** What went wrong, in neutral form: a provider's error or one of our own, before a dialect words it. */

/** The kinds of error that the SDKs have typed exceptions for, plus what gateways add. */
export type ErrorKind =
  | "invalid-request" // 400
  | "authentication" // 401
  | "billing" // 402
  | "permission" // 403
  | "not-found" // 404
  | "conflict" // 409
  | "too-large" // 413
  | "unprocessable" // 422
  | "rate-limit" // 429
  | "server" // 500
  | "bad-gateway" // 502
  | "unavailable" // 503
  | "timeout" // 504
  | "overloaded"; // 529

export interface ProviderError {
  readonly kind: ErrorKind;
  /** HTTP status that the client shall see. */
  readonly status: number;
  readonly message: string;
  /** A machine-readable code, e.g. `context_length_exceeded` or `model_not_found`. */
  readonly code?: string;
  /** JSON path of the offending field, e.g. `messages[2].content`. */
  readonly param?: string;
  /** Seconds to wait, from whatever place the provider keeps it. */
  readonly retryAfterSeconds?: number;
  /** The provider's request id. */
  readonly requestId?: string;
}

/** The request itself is at fault. Thrown by decoders and encoders, worded by the client's dialect. */
export class InvalidRequestError extends Error {
  readonly path: string;
  readonly status: 400 | 422;
  readonly code: string | undefined;

  /** @param path JSON path in the client's request, empty for the whole body */
  constructor(path: string, message: string, status: 400 | 422 = 400, code?: string) {
    super(message);
    this.name = "InvalidRequestError";
    this.path = path;
    this.status = status;
    this.code = code;
  }
}

/**
 * What a provider sent as an answer is an error: a 200 with `{"error": …}`, a prediction that failed. Thrown by
 * decoders of whole answers, worded by the client's dialect.
 */
export class ProviderAnswerError extends Error {
  readonly error: ProviderError;

  constructor(error: ProviderError) {
    super("the provider's answer is an error");
    this.name = "ProviderAnswerError";
    this.error = error;
  }
}
