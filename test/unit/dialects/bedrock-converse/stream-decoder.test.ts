import { EventStreamCodec } from "@smithy/core/event-streams";
import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { bedrockConverse } from "../../../../src/dialects/bedrock-converse/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { decodeChunks, expectStrictOrder, foldDeltas } from "../../../golden/every-cut.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text),
);

function frame(headers: Readonly<Record<string, string>>, payload: JsonObject | string): Uint8Array {
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: "string" as const, value }]),
    ),
    body: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
  });
}

const event = (type: string, payload: JsonObject | string) =>
  frame({ ":message-type": "event", ":event-type": type }, payload);
const start = event("messageStart", { role: "assistant" });
const delta = (contentBlockIndex: number, said: JsonObject) =>
  event("contentBlockDelta", { contentBlockIndex, delta: said });
const text = (index: number, said: string) => delta(index, { text: said });
const begin = (contentBlockIndex: number, what: JsonObject) =>
  event("contentBlockStart", { contentBlockIndex, start: what });
const stop = (contentBlockIndex: number) => event("contentBlockStop", { contentBlockIndex });
const end = (stopReason: string, more: JsonObject = {}) => event("messageStop", { stopReason, ...more });
const usage = event("metadata", { usage: { inputTokens: 3, outputTokens: 4, cacheReadInputTokens: 5 } });

function decode(...frames: Uint8Array[]): StreamEvent[] {
  const events = foldDeltas(decodeChunks(bedrockConverse.streamDecoder(), [Buffer.concat(frames)]));
  expectStrictOrder(events);
  return events;
}

const told = (events: readonly StreamEvent[]) =>
  events.map((said) => (said.kind === "delta" ? said.text : said.kind)).join(" ");

describe("a stream", () => {
  it("ends after its metadata, which follow the end of the message", () => {
    const events = decode(start, text(0, "Hi"), stop(0), end("end_turn"), usage);
    expect(told(events)).toBe("start open Hi close finish usage end");
    expect(events.at(-2)).toMatchObject({ usage: { input: 8, output: 4, cacheRead: 5 } });
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["tool_use", "tool-calls"],
    ["max_tokens", "length"],
    ["guardrail_intervened", "refusal"],
    ["content_filtered", "refusal"],
    ["model_context_window_exceeded", "context"],
    ["never_heard_of", "stop"],
  ])("that stops for %s finishes with %s", (reason, finish) => {
    expect(decode(start, end(reason), usage).find(({ kind }) => kind === "finish")).toMatchObject({
      reason: finish,
    });
  });

  it.each(["malformed_model_output", "malformed_tool_use"])("that stops for %s is an error", (reason) => {
    expect(decode(start, text(0, "x"), end(reason), usage).at(-1)).toMatchObject({ error: { status: 502 } });
  });

  it("tells which stop sequence was met", () => {
    const fields = { additionalModelResponseFields: { delta: { stop_sequence: "END" } } };
    expect(decode(start, end("stop_sequence", fields), usage)[1]).toMatchObject({ stopSequence: "END" });
  });

  it("passes over what is not known yet", () => {
    const events = decode(
      frame({ ":message-type": "event", ":event-type": "initial-response" }, {}),
      start,
      event("somethingNew", { a: 1 }),
      delta(0, { somethingNew: {} }),
      stop(0),
      text(1, "Hi"),
      stop(1),
      end("end_turn"),
      usage,
    );
    expect(told(events)).toBe("start open Hi close finish usage end");
  });

  it("opens no part for empty text, and closes what is left open", () => {
    const events = decode(start, text(0, ""), stop(0), text(1, "Hi"), text(2, "Ho"), end("end_turn"), usage);
    expect(told(events)).toBe("start open Hi close open Ho close finish usage end");
  });
});

describe("parts", () => {
  it("tool calls stream their arguments; a call without any has none", () => {
    const call = (id: string) => ({ toolUse: { toolUseId: id, name: "f" } });
    const events = decode(
      start,
      begin(0, call("a")),
      delta(0, { toolUse: { input: '{"x":' } }),
      delta(0, { toolUse: { input: "1}" } }),
      stop(0),
      begin(1, call("b")),
      delta(1, { toolUse: { input: "" } }),
      stop(1),
      end("tool_use"),
      usage,
    );
    expect(told(events)).toBe('start open {"x":1} close open {} close finish usage end');
    expect(events[4]).toMatchObject({ index: 1, part: { kind: "tool-call", id: "b", name: "f" } });
  });

  it("reasoning is signed, or redacted in pieces of base64", () => {
    const redacted = (piece: string) => delta(1, { reasoningContent: { redactedContent: piece } });
    const events = decode(
      start,
      delta(0, { reasoningContent: { text: "Hm" } }),
      delta(0, { reasoningContent: { signature: "S" } }),
      stop(0),
      redacted(Buffer.from("ab").toString("base64")),
      redacted(Buffer.from("cd").toString("base64")),
      stop(1),
      end("end_turn"),
      usage,
    );
    expect(told(events)).toBe("start open Hm signature close part finish usage end");
    expect(events[5]).toMatchObject({
      part: { origin: "bedrock-converse", redacted: Buffer.from("abcd").toString("base64") },
    });
  });

  it("tools that Bedrock runs itself are whole and foreign", () => {
    const events = decode(
      start,
      begin(0, { toolUse: { toolUseId: "a", name: "nova_grounding", type: "server_tool_use" } }),
      delta(0, { toolUse: { input: '{"q":1}' } }),
      stop(0),
      begin(1, { toolResult: { toolUseId: "a", status: "success" } }),
      delta(1, { toolResult: [{ text: "found" }] }),
      stop(1),
      end("end_turn"),
      usage,
    );
    const parts = events.flatMap((said) =>
      said.kind === "part" && said.part.kind === "foreign" ? [said.part.value] : [],
    );
    expect(parts).toEqual([
      { toolUse: { toolUseId: "a", name: "nova_grounding", type: "server_tool_use", input: { q: 1 } } },
      { toolResult: { toolUseId: "a", status: "success", content: [{ text: "found" }] } },
    ]);
  });
});

describe("a stream that breaks is an error", () => {
  const kinds = (...frames: Uint8Array[]) => decode(...frames).at(-1);
  const exception = (type: string) =>
    frame({ ":message-type": "exception", ":exception-type": type }, { message: "m" });

  it.each([
    ["first", [exception("throttlingException")]],
    ["in mid-stream", [start, text(0, "Hi"), exception("throttlingException")]],
    [
      "between the end of the message and its metadata",
      [start, end("end_turn"), exception("throttlingException")],
    ],
  ])("by an exception %s", (_, frames) => {
    expect(kinds(...frames)).toEqual({
      kind: "error",
      error: { kind: "rate-limit", status: 429, message: "m" },
    });
  });

  it("by an error that is no exception", () => {
    const headers = { ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "oops" };
    expect(kinds(start, frame(headers, ""))).toMatchObject({ error: { kind: "server", message: "oops" } });
  });

  it.each([
    ["nothing at all", []],
    ["no end of the message", [start, text(0, "Hi"), stop(0)]],
    ["half a frame behind the end", [start, end("end_turn"), usage.subarray(0, 20)]],
    ["content before its beginning", [text(0, "Hi")]],
    ["content behind its end", [start, end("end_turn"), text(0, "Hi")]],
    ["two beginnings", [start, start]],
    ["two ends", [start, end("end_turn"), end("end_turn")]],
    ["a block that goes on after its end", [start, text(0, "a"), stop(0), text(1, "b"), text(0, "c")]],
    ["a payload that is no JSON", [start, event("contentBlockDelta", "<html>")]],
    ["what is no event stream", [Buffer.from('{"message":"not a stream at all"}')]],
  ])("with %s", (_, frames) => {
    expect(kinds(...frames)).toMatchObject({ kind: "error", error: { kind: "bad-gateway", status: 502 } });
  });

  it("and says nothing after it", () => {
    const decoder = bedrockConverse.streamDecoder();
    expect(decoder.push(exception("throttlingException")).map(({ kind }) => kind)).toEqual(["error"]);
    expect(decoder.push(start)).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });
});
