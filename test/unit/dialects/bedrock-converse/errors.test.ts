import { describe, expect, it } from "vitest";
import { decodeError, decodeException } from "../../../../src/dialects/bedrock-converse/errors.ts";

const headers = (given: Record<string, string>) => (name: string) => given[name];

describe("the type in the header decides", () => {
  it.each([
    ["ThrottlingException", 429, "rate-limit", 429],
    ["ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/", 429, "rate-limit", 429],
    ["ServiceQuotaExceededException", 400, "rate-limit", 429],
    ["ValidationException", 400, "invalid-request", 400],
    ["AccessDeniedException", 403, "permission", 403],
    ["UnrecognizedClientException", 403, "authentication", 401],
    ["InvalidSignatureException", 403, "authentication", 401],
    ["ExpiredTokenException", 403, "authentication", 401],
    ["ResourceNotFoundException", 404, "not-found", 404],
    ["ModelErrorException", 424, "bad-gateway", 502],
    ["ModelTimeoutException", 408, "timeout", 504],
    ["ModelNotReadyException", 429, "unavailable", 503],
    ["InternalServerException", 500, "server", 500],
    ["ServiceUnavailableException", 503, "unavailable", 503],
    ["NeverHeardOfException", 400, "invalid-request", 400],
    ["NeverHeardOfException", 418, "invalid-request", 418],
    ["NeverHeardOfException", 500, "server", 500],
  ])("%s with %i is %s, %i", (type, status, kind, shown) => {
    const error = decodeError(status, headers({ "x-amzn-errortype": type }), { message: "said" });
    expect(error).toEqual({ kind, status: shown, message: "said" });
  });

  it.each([
    [401, "authentication"],
    [403, "permission"],
    [413, "too-large"],
    [429, "rate-limit"],
    [503, "unavailable"],
    [500, "server"],
  ])("and the status %i where there is none", (status, kind) => {
    expect(decodeError(status, headers({}), "<html><b>Sorry</b>\n</html>")).toEqual({
      kind,
      status,
      message: "Sorry",
    });
  });
});

describe("the rest", () => {
  it("is read from wherever it is", () => {
    const given = headers({
      "x-amzn-requestid": "r-1",
      "retry-after": "7",
      "x-amzn-errortype": "ThrottlingException",
    });
    expect(decodeError(429, given, { Message: "slow down" })).toEqual({
      kind: "rate-limit",
      status: 429,
      message: "slow down",
      requestId: "r-1",
      retryAfterSeconds: 7,
    });
    const coral = {
      Output: { __type: "com.amazon.coral.service#UnknownOperationException" },
      Version: "1.0",
    };
    expect(decodeError(404, headers({}), coral)).toMatchObject({ kind: "not-found", status: 404 });
    expect(decodeError(400, headers({}), { __type: "ThrottlingException" })).toMatchObject({
      kind: "rate-limit",
    });
  });

  it.each([
    "Input is too long for requested model.",
    "The model returned the following errors: prompt is too long: 250000 tokens > 200000 maximum",
    "The model returned the following errors: Input tokens exceed the maximum context length",
  ])("tells what is too long: %s", (message) => {
    const error = decodeError(400, headers({ "x-amzn-errortype": "ValidationException" }), { message });
    expect(error.code).toBe("context_length_exceeded");
  });

  it("is never empty and never endless", () => {
    expect(decodeError(500, headers({}), {}).message).toBe("Amazon Bedrock answered with status 500");
    expect(decodeError(500, headers({}), "x".repeat(100_000)).message.length).toBe(1000);
  });
});

describe("exceptions of streams", () => {
  it.each([
    ["throttlingException", "rate-limit", 429],
    ["validationException", "invalid-request", 400],
    ["internalServerException", "server", 500],
    ["serviceUnavailableException", "unavailable", 503],
    ["modelStreamErrorException", "bad-gateway", 502],
    ["modelTimeoutException", "timeout", 504],
    ["", "server", 500],
  ])("%s is %s", (type, kind, status) => {
    expect(decodeException(type, { message: "m" })).toEqual({ kind, status, message: "m" });
  });

  it("a model's own 400 is the request's fault", () => {
    const body = { message: "m", originalMessage: "bad image", originalStatusCode: 400 };
    expect(decodeException("modelStreamErrorException", body)).toEqual({
      kind: "invalid-request",
      status: 400,
      message: "m: bad image",
    });
  });
});
