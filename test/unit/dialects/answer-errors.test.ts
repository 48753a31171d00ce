/** Errors that come with status 200, in every dialect that providers speak. */
import { describe, expect, it } from "vitest";
import { ProviderAnswerError, type ProviderError } from "../../../src/conversation/error.ts";
import type { DialectName } from "../../../src/conversation/parts.ts";
import { clientDialectNamed, targetDialectNamed } from "../../../src/dialects/registry.ts";
import type { JsonObject } from "../../../src/json/types.ts";

type Row = readonly [what: string, dialect: DialectName, body: JsonObject, error: Partial<ProviderError>];

const choice = { index: 0, message: { role: "assistant", content: "so f" } };

const errors: readonly Row[] = [
  [
    "OpenRouter's, with the status as code",
    "openai-chat",
    { error: { code: 502, message: "Provider returned error" }, user_id: "u" },
    { kind: "bad-gateway", status: 502, message: "Provider returned error", code: "502" },
  ],
  [
    "a code in words",
    "openai-chat",
    { error: { code: "rate_limit_exceeded", message: "slow down" }, choices: [] },
    { kind: "rate-limit", status: 429, message: "slow down" },
  ],
  [
    "a text alone",
    "openai-chat",
    { error: "model is loading" },
    { status: 502, message: "model is loading" },
  ],
  [
    "an object that says nothing",
    "openai-chat",
    { error: {} },
    { status: 502, message: "The provider answered with an error." },
  ],
  [
    "a choice that finished with one",
    "openai-chat",
    { choices: [{ ...choice, finish_reason: "error", error: { code: 503, message: "upstream died" } }] },
    { kind: "unavailable", status: 503, message: "upstream died" },
  ],
  [
    "a choice that finished with one untold",
    "openai-chat",
    { choices: [{ ...choice, finish_reason: "error" }] },
    { status: 502, message: "The provider answered with an error." },
  ],
  [
    "a failed response",
    "openai-responses",
    {
      object: "response",
      status: "failed",
      output: [],
      error: { code: "server_error", message: "an error occurred" },
    },
    { kind: "server", status: 500, message: "an error occurred" },
  ],
  [
    "a cancelled response",
    "openai-responses",
    { object: "response", status: "cancelled", output: [], error: null },
    { status: 502, message: "The provider ended the answer as cancelled." },
  ],
  [
    "no response at all",
    "openai-responses",
    { error: { code: "rate_limit_exceeded", message: "slow down" } },
    { kind: "rate-limit", status: 429 },
  ],
  [
    "Anthropic's form",
    "anthropic",
    { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    { kind: "overloaded", status: 529, message: "Overloaded" },
  ],
  [
    "Google's form",
    "gemini",
    { error: { code: 429, message: "quota", status: "RESOURCE_EXHAUSTED" } },
    { kind: "rate-limit", status: 429, message: "quota" },
  ],
  [
    "AWS's form",
    "bedrock-converse",
    { Output: { __type: "com.amazon.coral.service#UnknownOperationException" }, Version: "1.0" },
    { kind: "not-found", status: 404 },
  ],
  [
    "AWS's form of what is not known here",
    "bedrock-converse",
    { __type: "com.amazon.coral.service#SomethingNewException", message: "no" },
    { kind: "server", status: 500, message: "no" },
  ],
];

describe("an error in place of an answer is one", () => {
  it.each(errors)("%s (%s)", (_, name, body, expected) => {
    const error = thrownBy(() => targetDialectNamed(name).decodeAnswer(body));
    expect(error).toBeInstanceOf(ProviderAnswerError);
    expect((error as ProviderAnswerError).error).toMatchObject(expected);
    expect((error as ProviderAnswerError).error.status).toBeGreaterThanOrEqual(400);
  });
});

describe("bytes that pass", () => {
  it("are known for an error where the dialect has no such answers", () => {
    const passing = errors.filter(([, name]) => name !== "bedrock-converse");
    for (const [what, name, body, expected] of passing) {
      const error = clientDialectNamed(name).passthrough.error?.(body);
      // Its own clients know a response that failed.
      if (body["object"] === "response") expect(error, what).toBeUndefined();
      else expect(error, what).toMatchObject(expected);
    }
  });

  it.each<readonly [DialectName, JsonObject]>([
    ["openai-chat", { choices: [{ ...choice, finish_reason: "stop" }], error: null }],
    ["openai-responses", { object: "response", status: "completed", output: [], error: null }],
    ["anthropic", { type: "message", content: [], error: { type: "odd" } }],
    ["gemini", { candidates: [], error: {} }],
  ])("are none with an answer in them (%s)", (name, body) => {
    expect(clientDialectNamed(name).passthrough.error?.(body)).toBeUndefined();
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
