import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import {
  decodeChunks,
  expectEveryCutEqual,
  expectStrictOrder,
  foldDeltas,
} from "../../../golden/every-cut.ts";

const frame = (data: unknown) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const delta = (fields: JsonObject, index = 0) => ({
  id: "chatcmpl-1",
  model: "m",
  choices: [{ index, delta: fields }],
});
const finish = (reason: string, index = 0) => ({ choices: [{ index, delta: {}, finish_reason: reason }] });
const call = (...calls: JsonObject[]) => delta({ tool_calls: calls });
const piece = (fields: JsonObject, args = "", name?: string): JsonObject => ({
  ...fields,
  function: { ...(name === undefined ? {} : { name }), arguments: args },
});

function decode(...frames: unknown[]): StreamEvent[] {
  const wire = frames.map(frame).join("");
  const events = decodeChunks(openaiChat.streamDecoder(), [Buffer.from(wire)]);
  expectStrictOrder(events);
  return foldDeltas(events);
}

/** What was said, one line a part: `0 text: hello`. */
function summary(events: readonly StreamEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind === "open") {
      const part = event.part;
      return [`${event.index} ${part.kind}${part.kind === "tool-call" ? ` ${part.id} ${part.name}` : ""}`];
    }
    if (event.kind === "delta") return [`${event.index} ${event.text}`];
    if (event.kind === "signature") return [`${event.index} signed ${event.signature}`];
    if (event.kind === "part") return [`${event.index} whole ${JSON.stringify(event.part)}`];
    if (event.kind === "finish") return [`finish ${event.reason}`];
    return [];
  });
}

describe("tool calls", () => {
  it.each<[name: string, frames: unknown[], expected: string[]]>([
    [
      "indices from 1",
      [call(piece({ index: 1, id: "a" }, "{}", "f")), call(piece({ index: 2, id: "b" }, "{}", "g"))],
      ["0 tool-call a f", "0 {}", "1 tool-call b g", "1 {}"],
    ],
    [
      "no indices, only ids",
      [call(piece({ id: "a" }, '{"x"', "f")), call(piece({}, ":1}")), call(piece({ id: "b" }, "{}", "g"))],
      ["0 tool-call a f", '0 {"x":1}', "1 tool-call b g", "1 {}"],
    ],
    [
      "one index for all",
      [call(piece({ index: 0, id: "a" }, "{}", "f"), piece({ index: 0, id: "b" }, "{}", "g"))],
      ["0 tool-call a f", "0 {}", "1 tool-call b g", "1 {}"],
    ],
    [
      "id and name repeated in every piece",
      [call(piece({ index: 0, id: "a" }, "{", "f")), call(piece({ index: 0, id: "a" }, "}", "f"))],
      ["0 tool-call a f", "0 {}"],
    ],
    [
      "pieces mixed in one chunk",
      [
        call(piece({ index: 0, id: "a" }, '{"x"', "f"), piece({ index: 1, id: "b" }, '{"y"', "g")),
        call(piece({ index: 1 }, ":2}"), piece({ index: 0 }, ":1}")),
        call(piece({ index: 2, id: "c" }, "{}", "h")),
      ],
      ["0 tool-call a f", '0 {"x":1}', "1 tool-call b g", '1 {"y":2}', "2 tool-call c h", "2 {}"],
    ],
    [
      "brackets and quotes inside strings",
      [
        call(piece({ index: 0, id: "a" }, '{"x":"}\\"', "f"), piece({ index: 1, id: "b" }, "{}", "g")),
        call(piece({ index: 0 }, '}"}')),
      ],
      ["0 tool-call a f", '0 {"x":"}\\"}"}', "1 tool-call b g", "1 {}"],
    ],
    [
      "a call without arguments before another",
      [call(piece({ index: 0, id: "a" }, "", "f")), call(piece({ index: 1, id: "b" }, "{}", "g"))],
      ["0 tool-call a f", "1 tool-call b g", "1 {}"],
    ],
    ["no id at all", [call(piece({ index: 0 }, "{}", "f"))], ["0 tool-call call_chatcmpl1_0 f", "0 {}"]],
    [
      "the name after the id",
      [call({ index: 0, id: "a" }), call(piece({ index: 0 }, "{}", "f"))],
      ["0 tool-call a f", "0 {}"],
    ],
    [
      "arguments as an object",
      [call({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } })],
      ["0 tool-call a f", '0 {"x":1}'],
    ],
    [
      "the legacy function call",
      [delta({ function_call: { name: "f", arguments: "{" } }), delta({ function_call: { arguments: "}" } })],
      ["0 tool-call call_chatcmpl1_0 f", "0 {}"],
    ],
    [
      "text behind a whole call",
      [call(piece({ index: 0, id: "a" }, "{}", "f")), delta({ content: "done" })],
      ["0 tool-call a f", "0 {}", "1 text", "1 done"],
    ],
  ])("%s", (_name, frames, expected) => {
    expect(summary(decode(...frames, finish("tool_calls"), "[DONE]"))).toEqual([
      ...expected,
      "finish tool-calls",
    ]);
  });

  it("streams a call at once when the one before is whole", () => {
    const decoder = openaiChat.streamDecoder();
    decoder.push(Buffer.from(frame(call(piece({ index: 0, id: "a" }, "{}", "f")))));
    const events = decoder.push(Buffer.from(frame(call(piece({ index: 1, id: "b" }, '{"x', "g")))));
    expect(events.map((event) => event.kind)).toEqual(["close", "open", "delta"]);
  });

  it("keeps custom calls whole", () => {
    const custom = (fields: JsonObject) => call({ index: 0, ...fields });
    const events = decode(
      custom({ id: "a", type: "custom", custom: { name: "sql", input: "select " } }),
      custom({ custom: { input: "1" } }),
      finish("tool_calls"),
    );
    const value = { id: "a", type: "custom", custom: { name: "sql", input: "select 1" } };
    expect(events).toContainEqual({
      kind: "part",
      candidate: 0,
      index: 0,
      part: { kind: "foreign", dialect: "openai-chat", value },
    });
  });
});

describe("reasoning", () => {
  it.each<[name: string, frames: unknown[], expected: string[]]>([
    [
      "by either name, before the text",
      [delta({ reasoning_content: "h" }), delta({ reasoning: "m" }), delta({ content: "yes" })],
      ["0 reasoning", "0 hm", "1 text", "1 yes"],
    ],
    [
      "signed at its end",
      [
        delta({ reasoning_content: "hm" }),
        delta({ thinking_blocks: [{ type: "thinking", thinking: "hm", signature: "s" }] }),
      ],
      ["0 reasoning", "0 hm", "0 signed s"],
    ],
    [
      "redacted",
      [delta({ thinking_blocks: [{ type: "redacted_thinking", data: "enc" }] })],
      ['0 whole {"kind":"reasoning","text":"","origin":"anthropic","redacted":"enc"}'],
    ],
  ])("%s", (_name, frames, expected) => {
    expect(summary(decode(...frames, finish("stop")))).toEqual([...expected, "finish stop"]);
  });
});

describe("the end", () => {
  const text = delta({ content: "x" });
  it.each<[name: string, frames: unknown[], last: object]>([
    ["with [DONE]", [text, finish("stop"), "[DONE]"], { kind: "end" }],
    ["without [DONE]", [text, finish("stop")], { kind: "end" }],
    ["content behind the reason", [finish("stop"), text, "[DONE]"], { kind: "end" }],
    ["cut", [text], { kind: "error", error: { kind: "bad-gateway", code: "stream_cut" } }],
    ["[DONE] without a reason", [text, "[DONE]"], { kind: "error", error: { kind: "bad-gateway" } }],
    // Snowflake gives no reasons at all.
    [
      "[DONE] behind the usage",
      [text, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }, "[DONE]"],
      { kind: "end" },
    ],
    [
      "usage alone",
      [text, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }],
      { kind: "error", error: { code: "stream_cut" } },
    ],
    ["one of two choices cut", [text, delta({ content: "y" }, 1), finish("stop", 1)], { kind: "error" }],
    ["nothing", [], { kind: "error" }],
    ["not JSON", [text, "{nope"], { kind: "error", error: { kind: "bad-gateway" } }],
    ["a failed choice", [text, finish("error")], { kind: "error", error: { kind: "bad-gateway" } }],
    ["a hostile index", [delta({}, 1e9)], { kind: "error" }],
    [
      "arguments after the end",
      [call(piece({ index: 0, id: "a" }, "{}", "f")), text, call(piece({ index: 0 }, "{}"))],
      { kind: "error" },
    ],
    [
      "an error",
      [text, { error: { message: "slow down", code: 429, type: "x" } }, finish("stop")],
      { kind: "error", error: { kind: "rate-limit", status: 429, message: "slow down", code: "429" } },
    ],
    [
      "an error by words",
      [{ error: { message: "m", type: "server_error", code: null } }],
      { kind: "error", error: { kind: "server", status: 500, message: "m" } },
    ],
  ])("%s", (_name, frames, last) => {
    expect(decode(...frames).at(-1)).toMatchObject(last);
  });

  it("calls half an event a cut", () => {
    const decoder = openaiChat.streamDecoder();
    decoder.push(Buffer.from(`data: ${JSON.stringify(text)}\n\n`));
    decoder.push(Buffer.from('data: {"choices":[{"delta":{"con'));
    expect(decoder.end()).toMatchObject([{ kind: "error", error: { code: "stream_cut" } }]);
  });

  it("takes `event: error` for what it says", () => {
    const wire = `event: error\ndata: {"error":{"message":"boom","code":"503"}}\n\n`;
    expect(expectEveryCutEqual(Buffer.from(wire), openaiChat.streamDecoder)).toEqual([
      { kind: "error", error: { kind: "unavailable", status: 503, message: "boom", code: "503" } },
    ]);
  });

  it.each([
    ["stop", "stop"],
    ["length", "length"],
    ["content_filter", "refusal"],
    ["eos", "stop"],
  ])("reason %s", (theirs, ours) => {
    expect(decode(text, finish(theirs))).toContainEqual({ kind: "finish", candidate: 0, reason: ours });
  });

  it("knows a forced call by its content", () => {
    const events = decode(call(piece({ index: 0, id: "a" }, "{}", "f")), finish("stop"));
    expect(events).toContainEqual({ kind: "finish", candidate: 0, reason: "tool-calls" });
  });
});

it("tells of keep-alives once the answer has begun", () => {
  const wire = `: early\n\n${frame(delta({ content: "x" }))}: PROCESSING\n\n${frame(finish("stop"))}`;
  const events = decodeChunks(openaiChat.streamDecoder(), [Buffer.from(wire)]);
  expect(events.map((event) => event.kind)).toEqual([
    "start",
    "open",
    "delta",
    "ping",
    "close",
    "finish",
    "end",
  ]);
});

it("closes a text with its citations", () => {
  const annotations = [
    { type: "url_citation", url_citation: { url: "u", title: "t", start_index: 0, end_index: 1 } },
  ];
  const events = decode(delta({ content: "x" }), delta({ annotations }), finish("stop"));
  expect(events).toContainEqual({
    kind: "close",
    candidate: 0,
    index: 0,
    annotations: { dialect: "openai-chat", items: annotations },
  });
});

it("takes usage from a chunk that has choices too", () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const events = decode(delta({ content: "x" }), { ...finish("stop"), usage }, "[DONE]");
  expect(events).toContainEqual(
    expect.objectContaining({ kind: "usage", usage: expect.objectContaining({ input: 3 }) }),
  );
});
