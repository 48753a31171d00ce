import { expect, it } from "vitest";
import type { ErrorKind } from "../../../../src/conversation/error.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import { seal } from "../../../sealing.ts";

/** The events that tell of the error, by their types. */
function told(kind: ErrorKind, code: string | undefined): Record<string, unknown> {
  const context = { model: "m", includeUsage: true, now: 1, newId: () => "0".repeat(24), seal };
  const encoder = openaiResponses.streamEncoder(context);
  const error = { kind, status: 500, message: "No.", ...(code !== undefined && { code }) };
  const text = encoder.push({ kind: "start", id: "", model: "m" }) + encoder.push({ kind: "error", error });
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data));
  return Object.fromEntries(events.map((event) => [event.type, event]));
}

// The codes of failed responses are a closed list; those of error events are not.
it.each<[kind: ErrorKind, code: string | undefined, event: string | null, failed: string]>([
  ["rate-limit", "insufficient_quota", "insufficient_quota", "insufficient_quota"],
  ["rate-limit", undefined, "rate_limit_exceeded", "rate_limit_exceeded"],
  ["rate-limit", "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "rate_limit_exceeded"],
  ["invalid-request", "context_length_exceeded", "context_length_exceeded", "context_length_exceeded"],
  ["invalid-request", undefined, null, "invalid_prompt"],
  ["overloaded", undefined, "overloaded", "server_error"],
  ["unavailable", "UNAVAILABLE", "UNAVAILABLE", "server_error"],
])("%s with the code %s is told in a stream", (kind, code, event, failed) => {
  expect(told(kind, code)).toMatchObject({
    error: { code: event, message: "No." },
    "response.failed": { response: { status: "failed", error: { code: failed, message: "No." } } },
  });
});
