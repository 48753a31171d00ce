import { readFileSync } from "node:fs";
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import type { ErrorKind, ProviderError } from "../../../../src/conversation/error.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";

const none = () => undefined;
const fixture = (name: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/anthropic/${name}`, import.meta.url), "utf8"));

describe("kinds, both ways and in the SDK", () => {
  const table: [ErrorKind, number, string, new (...args: never[]) => Error][] = [
    ["invalid-request", 400, "invalid_request_error", Anthropic.BadRequestError],
    ["authentication", 401, "authentication_error", Anthropic.AuthenticationError],
    ["billing", 402, "billing_error", Anthropic.PaymentRequiredError],
    ["permission", 403, "permission_error", Anthropic.PermissionDeniedError],
    ["not-found", 404, "not_found_error", Anthropic.NotFoundError],
    ["conflict", 409, "conflict_error", Anthropic.ConflictError],
    ["too-large", 413, "request_too_large", Anthropic.ContentTooLargeError],
    ["unprocessable", 422, "invalid_request_error", Anthropic.UnprocessableEntityError],
    ["rate-limit", 429, "rate_limit_error", Anthropic.RateLimitError],
    ["server", 500, "api_error", Anthropic.InternalServerError],
    ["bad-gateway", 502, "api_error", Anthropic.InternalServerError],
    ["unavailable", 503, "api_error", Anthropic.ServiceUnavailableError],
    ["timeout", 504, "timeout_error", Anthropic.GatewayTimeoutError],
    ["overloaded", 529, "overloaded_error", Anthropic.OverloadedError],
  ];
  it.each(table)("%s is %i %s", (kind, status, type, exception) => {
    const error: ProviderError = { kind, status, message: "m", requestId: "req_1", retryAfterSeconds: 1.2 };
    const encoded = anthropic.encodeError(error);
    expect(encoded).toEqual({
      status,
      headers: [
        ["retry-after", "2"],
        ["request-id", "req_1"],
      ],
      body: { type: "error", error: { type, message: "m" }, request_id: "req_1" },
    });
    const headers = new Headers(encoded.headers.map(([name, value]) => [name, value]));
    const raised = APIError.generate(status, encoded.body, undefined, headers);
    expect(raised).toBeInstanceOf(exception);
    expect(raised).toMatchObject({ status, type, apiMessage: "m", requestID: "req_1" });
    const again = anthropic.decodeError(status, (name) => headers.get(name) ?? undefined, encoded.body);
    expect(again).toEqual({ ...error, retryAfterSeconds: 2 });
  });
});

describe("recorded errors", () => {
  it.each([
    ["error-not-found.json", 404, "not-found", "model: claude-does-not-exist"],
    [
      "error-invalid-request.json",
      400,
      "invalid-request",
      "This model does not support effort level 'xhigh'.",
    ],
    ["error-overloaded.json", 529, "overloaded", "Overloaded"],
  ])("%s", (name, status, kind, message) => {
    const error = anthropic.decodeError(status, none, fixture(name));
    expect(error).toMatchObject({ kind, status, requestId: expect.stringMatching(/^req_/) });
    expect(error.message).toContain(message);
  });
});

describe("bodies of other forms", () => {
  it.each<[string, number, JsonObject | string, Partial<ProviderError>]>([
    ["nothing", 502, "", { kind: "bad-gateway", message: "the provider answered with status 502" }],
    ["HTML", 503, "<html><h1>Busy</h1>\n<p>Later</p></html>", { kind: "unavailable", message: "Busy Later" }],
    ["OpenAI's", 400, { error: { message: "no", code: "x" } }, { kind: "invalid-request", message: "no" }],
    ["a message", 418, { message: "teapot" }, { kind: "invalid-request", status: 418, message: "teapot" }],
    ["an unknown object", 500, { a: 1 }, { kind: "server", message: '{"a":1}' }],
    ["a timeout", 408, "", { kind: "timeout", status: 408 }],
    ["an error in a 200", 200, fixture("error-overloaded.json"), { kind: "overloaded", status: 529 }],
  ])("%s", (_, status, body, expected) => {
    expect(anthropic.decodeError(status, none, body)).toMatchObject(expected);
  });

  it("are shortened", () => {
    expect(anthropic.decodeError(500, none, "x".repeat(9000)).message).toHaveLength(500);
    const start = performance.now();
    anthropic.decodeError(500, none, "<".repeat(2_000_000));
    expect(performance.now() - start).toBeLessThan(200);
  });
});

describe("retry-after", () => {
  const date = "Wed, 21 Oct 2026 07:28:00 GMT";
  it.each<[Record<string, string>, number | undefined]>([
    [{ "retry-after": "7" }, 7],
    [{ "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", date }, 30],
    [{ "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("%j", (headers, seconds) => {
    expect(anthropic.decodeError(429, (name) => headers[name], {}).retryAfterSeconds).toBe(seconds);
  });
});

describe("codes and paths", () => {
  it("a code goes where the SDK finds it", () => {
    const { body } = anthropic.encodeError({
      kind: "not-found",
      status: 404,
      message: "m",
      code: "model_not_found",
    });
    expect(APIError.generate(404, body, undefined, new Headers())).toMatchObject({
      errorCode: "model_not_found",
    });
    expect(anthropic.decodeError(404, none, body).code).toBe("model_not_found");
  });

  it("a path begins the message", () => {
    const error = { kind: "invalid-request", status: 400, param: "messages[0]" } as const;
    const message = (text: string) => anthropic.encodeError({ ...error, message: text }).body["error"];
    expect(message("is wrong")).toMatchObject({ message: "messages[0]: is wrong" });
    expect(message("messages[0] is wrong")).toMatchObject({ message: "messages[0] is wrong" });
  });

  it("an overlong prompt is known by its message", () => {
    const body = {
      type: "error",
      error: { type: "invalid_request_error", message: "prompt is too long: 9 > 8" },
    };
    expect(anthropic.decodeError(400, none, body).code).toBe("context_length_exceeded");
  });
});
