import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { decodeChunks, expectStrictOrder, foldDeltas } from "../../../golden/every-cut.ts";

const start = {
  type: "message_start",
  message: { id: "a", model: "b", usage: { input_tokens: 5, output_tokens: 1 } },
};
const text = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
const delta = (index: number, fields: JsonObject) => ({ type: "content_block_delta", index, delta: fields });
const stop = (index: number) => ({ type: "content_block_stop", index });
const finish = (reason: string | null, usage: JsonObject = {}) => ({
  type: "message_delta",
  delta: { stop_reason: reason, stop_sequence: null },
  usage,
});
const end = { type: "message_stop" };

function decode(events: readonly (object | string)[]): StreamEvent[] {
  const wire = events.map(
    (event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`,
  );
  const decoded = decodeChunks(anthropic.streamDecoder(), [Buffer.from(wire.join(""))]);
  expectStrictOrder(decoded);
  return foldDeltas(decoded);
}

const kinds = (events: readonly StreamEvent[]) => events.map((event) => event.kind).join(" ");

describe("what providers of this dialect do besides", () => {
  it("no event names, no stop reason, [DONE] at the end", () => {
    const events = decode([start, text, delta(0, { type: "text_delta", text: "Hi" }), end, "[DONE]"]);
    expect(kinds(events)).toBe("start usage open delta close finish end");
    expect(events.at(-2)).toMatchObject({ reason: "stop" });
  });

  it("a tool call without stop reason", () => {
    const call = {
      type: "content_block_start",
      index: 0,
      content_block: { type: "tool_use", id: "t", name: "f" },
    };
    expect(decode([start, call, stop(0), end]).at(-2)).toMatchObject({
      kind: "finish",
      reason: "tool-calls",
    });
  });

  it("a message_start that comes twice", () => {
    const events = decode([start, start, text, stop(0), finish("end_turn"), end]);
    expect(kinds(events)).toBe("start usage open close usage finish end");
  });

  it("input that comes with the start of a tool call", () => {
    const block = { type: "tool_use", id: "t", name: "f", input: { a: 1 } };
    const events = decode([start, { ...text, content_block: block }, stop(0), finish("tool_use"), end]);
    expect(events).toContainEqual({ kind: "delta", candidate: 0, index: 0, text: '{"a":1}' });
  });

  it("blocks that are in the message from the beginning", () => {
    const content = [
      { type: "text", text: "Hi" },
      { type: "tool_use", id: "t", name: "f", input: {} },
    ];
    const events = decode([{ ...start, message: { ...start.message, content } }, finish("tool_use"), end]);
    expect(kinds(events)).toBe("start usage open delta close open delta close usage finish end");
  });

  it("a block that begins before the last one has ended, and numbers with gaps", () => {
    const second = { ...text, index: 7 };
    const events = decode([
      start,
      text,
      second,
      delta(7, { type: "text_delta", text: "x" }),
      stop(7),
      finish("end_turn"),
      end,
    ]);
    expect(events.filter((event) => event.kind === "open").map((event) => event.index)).toEqual([0, 1]);
    expect(events).toContainEqual({ kind: "delta", candidate: 0, index: 1, text: "x" });
  });

  it("event and delta types that do not exist yet", () => {
    const news = [{ type: "weather" }, delta(0, { type: "colour_delta", colour: "red" })];
    expect(kinds(decode([start, text, ...news, stop(0), finish("end_turn"), end]))).toBe(
      "start usage open close usage finish end",
    );
  });

  it("block types that do not exist yet, gathered whole", () => {
    const block = { type: "dream", text: "a", list: [1] };
    const deltas = [delta(0, { type: "dream_delta", text: "b", list: [2], mood: "good" })];
    const events = decode([
      start,
      { ...text, content_block: block },
      ...deltas,
      stop(0),
      finish("end_turn"),
      end,
    ]);
    expect(events.find((event) => event.kind === "part")?.part).toEqual({
      kind: "foreign",
      dialect: "anthropic",
      value: { type: "dream", text: "ab", list: [1, 2], mood: "good" },
    });
  });
});

describe("usage", () => {
  it("is cumulative; zeros and nulls at the end say nothing", () => {
    const events = decode([
      start,
      finish("end_turn", { input_tokens: 0, cache_read_input_tokens: null, output_tokens: 9 }),
      end,
    ]);
    expect(events.findLast((event) => event.kind === "usage")).toMatchObject({
      usage: { input: 5, output: 9 },
    });
  });

  it("counts cached input as input, and hours apart", () => {
    const usage = {
      input_tokens: 1,
      cache_read_input_tokens: 10,
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_1h_input_tokens: 60, ephemeral_5m_input_tokens: 40 },
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 3 },
    };
    expect(anthropic.passthrough.usage({ usage })).toMatchObject({
      input: 111,
      cacheRead: 10,
      cacheWrite: 100,
      cacheWriteHour: 60,
      output: 7,
      reasoning: 3,
    });
    expect(anthropic.passthrough.usage({})).toBeUndefined();
  });
});

describe("a stream that is not a message ends in an error", () => {
  it.each<[string, (object | string)[], string]>([
    ["nothing", [], "ended before"],
    ["no beginning", [text], "content outside"],
    ["only an end", [end], "no beginning"],
    ["content after the finish", [start, finish("end_turn"), text], "content outside"],
    ["a delta without block", [start, delta(0, { type: "text_delta", text: "x" })], "not open"],
    ["a second message", [start, text, start], "second message"],
    ["no JSON", [start, "{oops"], "no JSON"],
    ["no stop", [start, text, stop(0), finish("end_turn")], "ended before"],
  ])("%s", (_, events, message) => {
    expect(decode(events).at(-1)).toMatchObject({
      kind: "error",
      error: { kind: "bad-gateway", status: 502, message: expect.stringContaining(message) },
    });
  });

  it("too large an event", () => {
    const decoder = anthropic.streamDecoder();
    const chunk = new Uint8Array(17 * 1024 * 1024).fill(97);
    expect(decoder.push(chunk)).toMatchObject([{ kind: "error", error: { status: 502 } }]);
    expect(decoder.push(chunk)).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });
});
