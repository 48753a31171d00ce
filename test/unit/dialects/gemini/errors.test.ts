import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ErrorKind, ProviderError } from "../../../../src/conversation/error.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";

const read = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../fixtures/gemini/${name}`, import.meta.url), "utf8"),
  ) as JsonObject;
const decode = (status: number, body: JsonObject | string, headers: Record<string, string> = {}) =>
  gemini.decodeError(status, (name) => headers[name], body);

describe("Google's error", () => {
  it("tells how long to wait in its body", () => {
    expect(decode(429, read("error-quota.json"))).toEqual({
      kind: "rate-limit",
      status: 429,
      message: "You exceeded your current quota, please check your plan.",
      code: "RESOURCE_EXHAUSTED",
      retryAfterSeconds: 34.4,
    });
  });

  it.each<[number, string, ErrorKind]>([
    [400, "INVALID_ARGUMENT", "invalid-request"],
    [400, "FAILED_PRECONDITION", "invalid-request"],
    [401, "UNAUTHENTICATED", "authentication"],
    [403, "PERMISSION_DENIED", "permission"],
    [404, "NOT_FOUND", "not-found"],
    [409, "ABORTED", "conflict"],
    [429, "RESOURCE_EXHAUSTED", "rate-limit"],
    [499, "CANCELLED", "invalid-request"],
    [500, "INTERNAL", "server"],
    [503, "UNAVAILABLE", "unavailable"],
    [504, "DEADLINE_EXCEEDED", "timeout"],
  ])("%d %s is of the kind %s", (code, status, kind) => {
    const error = { error: { code, message: "m", status } };
    expect(decode(code, error)).toEqual({ kind, status: code, message: "m", code: status });
    // In a stream, and in a list of one.
    expect(decode(0, error)).toMatchObject({ kind, status: code });
    expect(decode(code, JSON.stringify([error]))).toMatchObject({ kind, message: "m" });
  });

  it("is about the key when it says so", () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }];
    const error = {
      error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT", details },
    };
    expect(decode(400, error)).toMatchObject({
      kind: "authentication",
      status: 401,
      code: "API_KEY_INVALID",
    });
  });

  it("names the field", () => {
    const details = [
      { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field: "contents[0]" }] },
    ];
    expect(decode(400, { error: { code: 400, message: "m", details } })).toMatchObject({
      param: "contents[0]",
    });
  });

  it.each<[number, JsonObject | string, string]>([
    [502, "<html>Bad Gateway</html>", "<html>Bad Gateway</html>"],
    [502, "", "the provider answered with status 502"],
    [500, { odd: true }, "the provider answered with status 500"],
    [500, "x".repeat(9_000), "x".repeat(500)],
  ])("in another form is told as well: %d %j", (status, body, message) => {
    expect(decode(status, body)).toMatchObject({ status, message });
  });

  it("takes the header where the body is silent", () => {
    expect(decode(503, { error: { message: "m" } }, { "retry-after": "7" })).toMatchObject({
      retryAfterSeconds: 7,
    });
  });
});

describe("an error for Google's SDKs", () => {
  const error: ProviderError = {
    kind: "rate-limit",
    status: 429,
    message: "slow down",
    code: "too_many",
    param: "contents",
    retryAfterSeconds: 1.5,
    requestId: "req_1",
  };

  it("has everything in its place", () => {
    const encoded = gemini.encodeError(error);
    expect(encoded.status).toBe(429);
    expect(encoded.headers).toEqual([
      ["retry-after", "2"],
      ["x-request-id", "req_1"],
    ]);
    expect(encoded.body).toMatchObject({
      error: { code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED" },
    });
    const { requestId: _, ...rest } = error;
    expect(decode(429, encoded.body)).toEqual(rest);
  });

  it("stays one to be tried again when a provider is overloaded", () => {
    const overloaded = gemini.encodeError({ kind: "overloaded", status: 529, message: "m" });
    expect(overloaded).toMatchObject({ status: 503, body: { error: { code: 503, status: "UNAVAILABLE" } } });
  });
});
