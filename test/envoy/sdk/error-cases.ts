/** Providers' errors, and the exceptions that both SDKs make of them. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { JsonObject } from "../../../src/json/types.ts";
import { event } from "../harness/upstream-answers.ts";
import { recordedBytes, recordedJson } from "./recordings.ts";
import type { Cluster } from "./stage.ts";

type ErrorClass = abstract new (...all: never) => Error;

export interface ErrorCase {
  readonly from: Cluster;
  readonly status: number;
  readonly body: JsonObject | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A part of the message that both clients see. */
  readonly message: string;
  readonly openai: ErrorClass;
  readonly anthropic: ErrorClass;
  /** Anthropic's word for it, as its client sees it. */
  readonly type: string;
  /** As an OpenAI client sees them. */
  readonly code?: string | null;
  readonly param?: string;
}

function ofOpenAi(type: string, message: string, code: string | null = null): JsonObject {
  return { error: { message, type, param: null, code } };
}

function ofClaude(type: string, message: string): JsonObject {
  return { type: "error", error: { type, message }, request_id: "req_011CX7J5ZXp3npD8nY7VYZvm" };
}

const badRequest = {
  status: 400,
  openai: OpenAI.BadRequestError,
  anthropic: Anthropic.BadRequestError,
  type: "invalid_request_error",
} as const;
const unauthenticated = {
  status: 401,
  openai: OpenAI.AuthenticationError,
  anthropic: Anthropic.AuthenticationError,
  type: "authentication_error",
} as const;
const forbidden = {
  status: 403,
  openai: OpenAI.PermissionDeniedError,
  anthropic: Anthropic.PermissionDeniedError,
  type: "permission_error",
} as const;
const notFound = {
  status: 404,
  openai: OpenAI.NotFoundError,
  anthropic: Anthropic.NotFoundError,
  type: "not_found_error",
} as const;
const tooLarge = {
  status: 413,
  openai: OpenAI.APIError,
  anthropic: Anthropic.ContentTooLargeError,
  type: "request_too_large",
} as const;
const limited = {
  status: 429,
  headers: { "retry-after": "20" },
  openai: OpenAI.RateLimitError,
  anthropic: Anthropic.RateLimitError,
  type: "rate_limit_error",
} as const;
const failed = {
  status: 500,
  openai: OpenAI.InternalServerError,
  anthropic: Anthropic.InternalServerError,
  type: "api_error",
} as const;
const unavailable = { ...failed, status: 503, anthropic: Anthropic.ServiceUnavailableError };
const overloaded = {
  status: 529,
  openai: OpenAI.InternalServerError,
  anthropic: Anthropic.OverloadedError,
  type: "overloaded_error",
} as const;

export const errorCases: readonly ErrorCase[] = [
  {
    ...badRequest,
    from: "openai",
    body: recordedJson("openai-chat/error-unsupported-value.json"),
    message: "does not support 'system' with this model",
    code: "unsupported_value",
    param: "messages[0].role",
  },
  {
    ...unauthenticated,
    from: "openai",
    body: ofOpenAi("invalid_request_error", "Incorrect API key provided", "invalid_api_key"),
    message: "Incorrect API key provided",
    code: "invalid_api_key",
  },
  {
    ...forbidden,
    from: "openai",
    body: ofOpenAi("invalid_request_error", "Country not supported", "unsupported_country_region_territory"),
    message: "Country not supported",
    code: "unsupported_country_region_territory",
  },
  {
    ...notFound,
    from: "openai",
    body: ofOpenAi("invalid_request_error", "The model `gpt-9` does not exist", "model_not_found"),
    message: "The model `gpt-9` does not exist",
    code: "model_not_found",
  },
  { ...tooLarge, from: "openai", body: "<html><h1>413 Too large</h1></html>", message: "413" },
  {
    ...limited,
    from: "openai",
    body: ofOpenAi("tokens", "Rate limit reached for gpt-4.1", "rate_limit_exceeded"),
    message: "Rate limit reached for gpt-4.1",
    code: "rate_limit_exceeded",
  },
  {
    ...failed,
    from: "openai",
    body: ofOpenAi("server_error", "The server had an error"),
    message: "The server had an error",
    code: null,
  },
  {
    ...unavailable,
    from: "openai",
    body: ofOpenAi("service_unavailable_error", "Try later"),
    message: "Try later",
  },
  {
    ...badRequest,
    from: "claude",
    body: recordedJson("anthropic/error-invalid-request.json"),
    message: "does not support effort level 'xhigh'",
  },
  {
    ...unauthenticated,
    from: "claude",
    body: ofClaude("authentication_error", "invalid x-api-key"),
    message: "invalid x-api-key",
  },
  {
    ...forbidden,
    from: "claude",
    body: ofClaude("permission_error", "not for you"),
    message: "not for you",
  },
  {
    ...notFound,
    from: "claude",
    body: recordedJson("anthropic/error-not-found.json"),
    message: "model: claude-does-not-exist",
  },
  {
    ...tooLarge,
    from: "claude",
    body: ofClaude("request_too_large", "Request exceeds the maximum size"),
    message: "Request exceeds the maximum size",
  },
  {
    ...limited,
    from: "claude",
    body: ofClaude("rate_limit_error", "30,000 input tokens per minute"),
    message: "30,000 input tokens per minute",
  },
  {
    ...failed,
    from: "claude",
    body: ofClaude("api_error", "Internal server error"),
    message: "Internal server error",
  },
  {
    ...overloaded,
    from: "claude",
    body: recordedJson("anthropic/error-overloaded.json"),
    message: "Overloaded",
  },
];

/** Streams that begin with status 200 and an error: it can still become the call's status. */
export const firstEventErrors: ReadonlyArray<Omit<ErrorCase, "body"> & { readonly stream: string }> = [
  {
    ...overloaded,
    from: "claude",
    stream: recordedBytes("anthropic/overloaded-first.sse").toString(),
    message: "Overloaded",
  },
  {
    ...failed,
    from: "openai",
    stream: event(ofOpenAi("server_error", "The server had an error")),
    message: "The server had an error",
  },
  {
    ...limited,
    from: "openai",
    stream: event(ofOpenAi("requests", "Rate limit reached", "rate_limit_exceeded"), "error"),
    message: "Rate limit reached",
  },
];
