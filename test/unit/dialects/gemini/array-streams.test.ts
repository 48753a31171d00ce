/** Streams for clients that did not ask for server-sent events: one JSON array, which arrives piece by piece. */
import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { PassingArray } from "../../../../src/dialects/gemini/passing-array.ts";
import { seal } from "../../../sealing.ts";

const path = "/v1beta/models/m:streamGenerateContent?key=k";

describe("the data of events as elements", () => {
  it.each([
    ["nothing", "", ""],
    ["one event", 'data: {"a":1}\n\n', '[{"a":1}'],
    ["no space", 'data:{"a":1}\n\n', '[{"a":1}'],
    ["spaces are data but for the first", 'data:   {"a":1} \n\n', '[  {"a":1} '],
    ["line ends of every kind", 'data: {"a":1}\r\n\r\ndata: 2\r\rdata: 3\n\n', '[{"a":1},\r\n2,\r\n3'],
    ["data in several lines", 'data: {"a":\ndata: 1}\n\ndata: 2\n\n', '[{"a":1},\r\n2'],
    [
      "data in several lines that end with CRLF",
      'data: {"a":\r\ndata: 1}\r\n\r\ndata: 2\r\n\r\n',
      '[{"a":1},\r\n2',
    ],
    ["comments and other fields", ': hi\n\nevent: x\nid: 1\ndata: {"a":1}\nretry: 5\n\n', '[{"a":1}'],
    ["events without data", "data:\n\ndata: \n\ndata\n\ndatum: 1\n\ndat\n\n", ""],
    ["a byte order mark", '\ufeffdata: {"a":"ö✓"}\n\n', '[{"a":"ö✓"}'],
    ["an end without its blank line", 'data: {"a":1}', '[{"a":1}'],
  ])("%s", (_, events, elements) => {
    const bytes = Buffer.from(events);
    const whole = new PassingArray();
    expect(Buffer.from(whole.push(bytes)).toString()).toBe(elements);
    expect(Buffer.from(whole.end()).toString()).toBe(elements === "" ? "" : "]");
    // The mark comes in one piece with the first event, or not at all.
    for (let cut = events.startsWith("\ufeff") ? 3 : 0; cut <= bytes.length; cut++) {
      const array = new PassingArray();
      const out = [array.push(bytes.subarray(0, cut)), array.push(bytes.subarray(cut))];
      expect(Buffer.concat(out).toString(), `cut at byte ${cut}`).toBe(elements);
    }
  });
});

const said = (text: string, more = "") =>
  `data: {"candidates":[{"content":{"parts":[{"text":"${text}"}]}${more}}],"usageMetadata":{"promptTokenCount":3,"totalTokenCount":5}}\r\n\r\n`;
const stop = ',"finishReason":"STOP"';
const failure = 'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\r\n\r\n';

function pass(...chunks: string[]) {
  const stream = gemini.passthrough.stream(true, path);
  const out = chunks.map((chunk) => Buffer.from(stream.push(Buffer.from(chunk))).toString());
  return { stream, out, text: out.join("") + Buffer.from(stream.end()).toString() };
}

describe("a stream that passes", () => {
  it("arrives piece by piece, metered", () => {
    const { stream, out, text } = pass(
      said("a"),
      said("b").slice(0, 20),
      said("b").slice(20),
      said("c", stop),
    );
    expect(out.map((piece) => piece.slice(0, 4))).toEqual(['[{"c', "", ",\r\n{", ",\r\n{"]);
    expect((JSON.parse(text) as unknown[]).length).toBe(3);
    expect(stream).toMatchObject({ complete: true, outputCharacters: 3, usage: { input: 3, output: 2 } });
  });

  it("starts with nothing while there is no answer", () => {
    const { out, stream } = pass(": ping\n\n");
    expect([out, stream.started]).toEqual([[""], false]);
  });

  it("ends with the provider's error, as Google ends it", () => {
    const { text, stream } = pass(said("a"), failure);
    expect(JSON.parse(text)).toEqual([
      expect.objectContaining({ candidates: expect.any(Array) }),
      { error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } },
    ]);
    expect(stream).toMatchObject({ complete: false, firstError: undefined });
  });

  it("tells of an error that comes first", () => {
    expect(pass(failure).stream.firstError).toMatchObject({ kind: "unavailable", status: 503 });
  });

  it.each([
    ["between events", [said("a"), said("b")]],
    ["in an event", [said("a"), said("b", stop).slice(0, -30)]],
    ["before anything", []],
  ])("stays open when it was cut %s", (_, chunks) => {
    const { text, stream } = pass(...chunks);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(stream.complete).toBe(false);
  });

  it("holds what is too large to be read", () => {
    const image = "A".repeat(9 * 1024 * 1024);
    const chunks = (said("a") + said(image) + said("c", stop)).match(/[\s\S]{1,1000000}/g) ?? [];
    const elements = JSON.parse(pass(...chunks).text) as Array<{
      candidates: Array<{ content: { parts: Array<{ text: string }> } }>;
    }>;
    expect(elements.map(({ candidates }) => candidates[0]?.content.parts[0]?.text)).toEqual([
      "a",
      image,
      "c",
    ]);
  });

  it("is an event stream for those who asked for one", () => {
    const stream = gemini.passthrough.stream(true, `${path}&alt=sse`);
    expect(Buffer.from(stream.push(Buffer.from(said("a")))).toString()).toBe(said("a"));
  });
});

describe("a stream that is translated", () => {
  const encode = (...events: StreamEvent[]) => {
    const encoder = gemini.streamEncoder({
      model: "m",
      includeUsage: true,
      now: 1,
      newId: () => "x",
      path,
      seal,
    });
    return events.map((event) => encoder.push(event));
  };
  const beginning: StreamEvent[] = [
    { kind: "start", id: "r", model: "m" },
    { kind: "open", candidate: 0, index: 0, part: { kind: "text" } },
    { kind: "delta", candidate: 0, index: 0, text: "a" },
  ];

  it("is an array that ends with the answer", () => {
    const pieces = encode(
      ...beginning,
      { kind: "ping" },
      { kind: "delta", candidate: 0, index: 0, text: "b" },
      { kind: "close", candidate: 0, index: 0 },
      { kind: "finish", candidate: 0, reason: "stop" },
      { kind: "usage", usage: { ...noUsage, input: 3, output: 2 } },
      { kind: "end" },
    );
    expect(pieces.map((piece) => piece.slice(0, 4))).toEqual([
      "",
      "",
      '[{"c',
      "",
      ",\r\n{",
      "",
      "",
      "",
      ",\r\n{",
    ]);
    expect(JSON.parse(pieces.join(""))).toMatchObject([
      { candidates: [{ content: { parts: [{ text: "a" }] } }], responseId: "r" },
      { candidates: [{ content: { parts: [{ text: "b" }] } }] },
      { candidates: [{ finishReason: "STOP" }], usageMetadata: { totalTokenCount: 5 } },
    ]);
  });

  it("is one element for an answer that says nothing", () => {
    const text = encode({ kind: "start", id: "r", model: "m" }, { kind: "end" }).join("");
    expect(JSON.parse(text)).toHaveLength(1);
  });

  it("ends with the provider's error", () => {
    const error = { kind: "overloaded", status: 529, message: "busy" } as const;
    expect(JSON.parse(encode(...beginning, { kind: "error", error }).join(""))[1]).toEqual({
      error: { code: 503, message: "busy", status: "UNAVAILABLE" },
    });
  });

  it("tells of a cut, and stays open", () => {
    const error = { kind: "bad-gateway", status: 502, message: "cut" } as const;
    const text = encode(...beginning, { kind: "error", error }).join("");
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(JSON.parse(`${text}]`)[1]).toMatchObject({ error: { code: 502, message: "cut" } });
  });
});
