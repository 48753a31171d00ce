import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ProviderError } from "../../../../src/conversation/error.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";

function decode(
  status: number,
  body: JsonObject | string,
  headers: Record<string, string> = {},
): ProviderError {
  return openaiChat.decodeError(status, (name) => headers[name], body);
}

describe("decoding", () => {
  it("reads a recorded error", () => {
    const file = new URL("../../../fixtures/openai-chat/error-unsupported-value.json", import.meta.url);
    expect(
      decode(400, JSON.parse(readFileSync(file, "utf8")) as JsonObject, { "x-request-id": "req_1" }),
    ).toEqual({
      kind: "invalid-request",
      status: 400,
      message: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      code: "unsupported_value",
      param: "messages[0].role",
      requestId: "req_1",
    });
  });

  it.each<[status: number, kind: ProviderError["kind"]]>([
    [400, "invalid-request"],
    [401, "authentication"],
    [402, "billing"],
    [403, "permission"],
    [404, "not-found"],
    [405, "invalid-request"],
    [408, "timeout"],
    [409, "conflict"],
    [413, "too-large"],
    [422, "unprocessable"],
    [429, "rate-limit"],
    [500, "server"],
    [502, "bad-gateway"],
    [503, "unavailable"],
    [504, "timeout"],
    [520, "server"],
    [529, "overloaded"],
  ])("status %i", (status, kind) => {
    expect(decode(status, {})).toEqual({
      kind,
      status,
      message: `The provider answered with status ${status}.`,
    });
  });

  it.each<[name: string, body: JsonObject | string, expected: Partial<ProviderError>]>([
    ["a numeric code", { error: { message: "m", code: 1234 } }, { message: "m", code: "1234" }],
    ["a bare message", { message: "m" }, { message: "m" }],
    ["an error as text", { error: "m" }, { message: "m" }],
    ["FastAPI", { detail: "m" }, { message: "m" }],
    [
      "nulls",
      { error: { message: null, code: null, param: null } },
      { message: "The provider answered with status 500." },
    ],
    ["plain text", " upstream connect error \n", { message: "upstream connect error" }],
    ["a page", `<html>${"x".repeat(10_000)}`, { message: `<html>${"x".repeat(493)}…` }],
    ["nothing", "", { message: "The provider answered with status 500." }],
  ])("body: %s", (_name, body, expected) => {
    expect(decode(500, body)).toEqual({ kind: "server", status: 500, ...expected });
  });

  it.each<[headers: Record<string, string>, seconds: number | undefined]>([
    [{ "retry-after": "7" }, 7],
    [{ "retry-after-ms": "1500", "retry-after": "2" }, 1.5],
    [{ "retry-after": "Sat, 16 Aug 2025 01:30:35 GMT", date: "Sat, 16 Aug 2025 01:30:05 GMT" }, 30],
    [{ "retry-after": "Sat, 16 Aug 2025 01:30:35 GMT", date: "Sat, 16 Aug 2025 01:31:05 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("waiting time in %j", (headers, seconds) => {
    expect(decode(429, {}, headers).retryAfterSeconds).toBe(seconds);
  });
});

describe("encoding", () => {
  it("keeps everything there is a place for", () => {
    const error: ProviderError = {
      kind: "rate-limit",
      status: 429,
      message: "slow down",
      code: "tokens",
      param: "messages",
      retryAfterSeconds: 1.25,
      requestId: "req_1",
    };
    expect(openaiChat.encodeError(error)).toEqual({
      status: 429,
      headers: [
        ["retry-after", "2"],
        ["retry-after-ms", "1250"],
        ["x-request-id", "req_1"],
      ],
      body: { error: { message: "slow down", type: "rate_limit_error", param: "messages", code: "tokens" } },
    });
    const { body, headers } = openaiChat.encodeError(error);
    expect(decode(429, body, Object.fromEntries(headers))).toEqual(error);
  });

  it("gives codes where the error has none", () => {
    expect(openaiChat.encodeError({ kind: "authentication", status: 401, message: "m" }).body).toEqual({
      error: { message: "m", type: "invalid_request_error", param: null, code: "invalid_api_key" },
    });
  });
});
