import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { decodeChunks, expectStrictOrder } from "../../../golden/every-cut.ts";

const event = (type: string, members: JsonObject = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
const created = event("response.created", { response: { id: "resp_1", model: "m", created_at: 1 } });
const completed = (response: JsonObject = {}) =>
  event("response.completed", { response: { id: "resp_1", status: "completed", output: [], ...response } });
const added = (output_index: number, item: JsonObject) =>
  event("response.output_item.added", { output_index, item });
const done = (output_index: number, item: JsonObject) =>
  event("response.output_item.done", { output_index, item });
const delta = (kind: string, output_index: number, text: string, more: JsonObject = {}) =>
  event(`response.${kind}.delta`, { output_index, delta: text, ...more });
const call = (id: string, args = ""): JsonObject => ({
  type: "function_call",
  call_id: id,
  name: "f",
  arguments: args,
});

function decode(...events: string[]): StreamEvent[] {
  const decoded = decodeChunks(openaiResponses.streamDecoder(), [Buffer.from(events.join(""))]);
  expectStrictOrder(decoded);
  return decoded;
}

/** Short: `open text`, `+abc`, `close`, `finish stop`, … */
function outline(events: readonly StreamEvent[]): string[] {
  return events.map((one) => {
    switch (one.kind) {
      case "open":
        return `open ${one.part.kind}${one.part.kind === "tool-call" ? ` ${one.part.id}` : ""}`;
      case "delta":
        return `+${one.text}`;
      case "part":
        return `part ${one.part.kind}`;
      case "finish":
        return `finish ${one.reason}`;
      case "error":
        return `error ${one.error.status} ${one.error.code ?? ""} ${one.error.message}`;
      case "signature":
        return `signature ${one.signature}`;
      default:
        return one.kind;
    }
  });
}

it.each<[name: string, events: string[], expected: string[]]>([
  [
    "calls that lie across each other, one after the other",
    [
      added(0, call("a")),
      added(1, call("b")),
      delta("function_call_arguments", 1, '{"b"'),
      delta("function_call_arguments", 0, '{"a":1}'),
      delta("function_call_arguments", 1, ":2}"),
      done(1, call("b", '{"b":2}')),
      done(0, call("a", '{"a":1}')),
    ],
    [
      "start",
      "open tool-call a",
      '+{"a":1}',
      "close",
      "open tool-call b",
      '+{"b":2}',
      "close",
      "finish tool-calls",
    ],
  ],
  [
    "a call without deltas",
    [added(0, call("a")), done(0, call("a", "{}"))],
    ["start", "open tool-call a", "+{}", "close", "finish tool-calls"],
  ],
  [
    "a call that was never begun",
    [done(0, call("a", "{}"))],
    ["start", "open tool-call a", "+{}", "close", "finish tool-calls"],
  ],
  [
    "text without the events around it",
    [delta("output_text", 0, "a"), delta("output_text", 0, "b")],
    ["start", "open text", "+a", "+b", "close", "finish stop"],
  ],
  [
    "a message that did not stream",
    [done(0, { type: "message", content: [{ type: "output_text", text: "a" }] })],
    ["start", "open text", "+a", "close", "finish stop"],
  ],
  [
    "two texts and a refusal",
    [
      delta("output_text", 0, "a", { content_index: 0 }),
      delta("output_text", 0, "b", { content_index: 1 }),
      delta("refusal", 0, "c", { content_index: 2 }),
    ],
    [
      "start",
      "open text",
      "+a",
      "close",
      "open text",
      "+b",
      "close",
      "open refusal",
      "+c",
      "close",
      "finish refusal",
    ],
  ],
  [
    "thinking in sections, with its proof",
    [
      added(0, { type: "reasoning", id: "rs_1", encrypted_content: "early" }),
      delta("reasoning_summary_text", 0, "a", { summary_index: 0 }),
      delta("reasoning_summary_text", 0, "b", { summary_index: 1 }),
      delta("reasoning_text", 0, "c", { content_index: 0 }),
      done(0, { type: "reasoning", id: "rs_1", encrypted_content: "late" }),
    ],
    [
      "start",
      "open reasoning",
      "+a",
      "+\n\n",
      "+b",
      "+\n\n",
      "+c",
      "signature rs_1:late",
      "close",
      "finish stop",
    ],
  ],
  [
    "thinking that shows nothing",
    [done(0, { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "x" })],
    ["start", "part reasoning", "finish stop"],
  ],
  [
    "thinking of which nothing is left",
    [added(0, { type: "reasoning", id: "rs_1" }), done(0, { type: "reasoning", id: "rs_1", summary: [] })],
    ["start", "finish stop"],
  ],
  [
    "progress of built-in tools",
    [
      added(0, { type: "web_search_call" }),
      event("response.web_search_call.searching", { output_index: 0 }),
      done(0, { type: "web_search_call", status: "completed" }),
    ],
    ["start", "part foreign", "finish stop"],
  ],
])("%s", (_, events, expected) => {
  const decoded = outline(decode(created, ...events, completed())).filter((line) => line !== "usage");
  expect(decoded).toEqual([...expected, "end"]);
});

it("shows the output of the last event when nothing came before", () => {
  const output = [{ type: "message", content: [{ type: "output_text", text: "a" }] }, call("c", "{}")];
  expect(outline(decode(completed({ output })))).toEqual([
    ...["start", "open text", "+a", "close", "open tool-call c", "+{}", "close"],
    ...["finish tool-calls", "end"],
  ]);
});

it("tells of log probabilities behind the text that they are about", () => {
  const logprobs = [{ token: "a", logprob: -1 }];
  const decoded = decode(created, delta("output_text", 0, "a", { logprobs }), completed());
  expect(decoded).toContainEqual({
    kind: "logprobs",
    candidate: 0,
    value: { content: logprobs, refusal: null },
  });
});

it("keeps alive only what has started", () => {
  const decoded = decode(
    ": hi\n\n",
    created,
    ": hi\n\n",
    delta("output_text", 0, "a"),
    ": hi\n\n",
    completed(),
  );
  expect(outline(decoded).filter((line) => line === "ping")).toHaveLength(1);
});

describe("ends", () => {
  it.each<[name: string, last: string, expected: string]>([
    [
      "incomplete",
      event("response.incomplete", { response: { incomplete_details: { reason: "max_output_tokens" } } }),
      "finish length",
    ],
    [
      "filtered",
      event("response.incomplete", { response: { incomplete_details: { reason: "content_filter" } } }),
      "finish refusal",
    ],
    [
      "failed",
      event("response.failed", { response: { error: { code: "rate_limit_exceeded", message: "slow" } } }),
      "error 429 rate_limit_exceeded slow",
    ],
    [
      "failed without words",
      event("response.failed", { response: { status: "failed" } }),
      "error 502  The provider ended the answer as failed.",
    ],
    [
      "an error",
      event("error", { code: "server_error", message: "oops", param: null }),
      "error 500 server_error oops",
    ],
    [
      "an error inside",
      event("error", {
        error: { type: "invalid_request_error", code: "context_length_exceeded", message: "long" },
      }),
      "error 400 context_length_exceeded long",
    ],
    ["an error without a type", 'data: {"error":{"message":"oops","code":503}}\n\n', "error 503 503 oops"],
    ["no JSON", "data: oops\n\n", "error 502  The provider's stream holds an event that is not JSON."],
    [
      "[DONE] alone",
      "data: [DONE]\n\n",
      "error 502 stream_cut The provider's stream ended before the answer was complete.",
    ],
  ])("%s", (_, last, expected) => {
    const lines = outline(decode(created, delta("output_text", 0, "a"), last));
    expect(lines).toContain(expected);
    if (expected.startsWith("error")) {
      expect(lines.at(-1)).toBe(expected);
      // Before the answer there is nothing but the error, which can still become a status.
      expect(outline(decode(created, last))).toEqual([expected]);
    }
  });

  it("when a text goes on behind its end", () => {
    const text = { type: "output_text", text: "a" };
    const lines = outline(
      decode(
        created,
        delta("output_text", 0, "a"),
        event("response.content_part.done", { output_index: 0, content_index: 0, part: text }),
        delta("output_text", 0, "b"),
      ),
    );
    expect(lines.at(-1)).toMatch(/^error 502/);
  });

  it("and nothing comes after", () => {
    const decoder = openaiResponses.streamDecoder();
    decoder.push(Buffer.from(created + completed()));
    expect(decoder.push(Buffer.from(delta("output_text", 0, "a")))).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });
});
