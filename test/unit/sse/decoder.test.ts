import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../../../src/sse/decoder.ts";
import { sseData, sseEvent } from "../../../src/sse/encoder.ts";

type Plain = readonly [event: string, data: string];

function decode(chunks: readonly Uint8Array[], limit?: number): SseEvent[] {
  const decoder = new SseDecoder(limit);
  const events = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
  return events.map((event) => ({ ...event, raw: Buffer.from(event.raw) }));
}

const plain = (events: readonly SseEvent[]): Plain[] =>
  events.filter((event) => event.data !== "" || event.event !== "").map((event) => [event.event, event.data]);

const cases: ReadonlyArray<readonly [name: string, stream: string, expected: readonly Plain[]]> = [
  ["one line", "data: a\n\n", [["", "a"]]],
  ["no space", "data:a\n\n", [["", "a"]]],
  ["two spaces", "data:  a\n\n", [["", " a"]]],
  [
    "CRLF",
    "event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n",
    [
      ["e", "a"],
      ["", "b"],
    ],
  ],
  [
    "CR",
    "event: e\rdata: a\r\rdata: b\r\r",
    [
      ["e", "a"],
      ["", "b"],
    ],
  ],
  [
    "mixed line ends",
    "data: a\r\n\ndata: b\n\r\ndata: c\r\n\r\n",
    [
      ["", "a"],
      ["", "b"],
      ["", "c"],
    ],
  ],
  ["several data lines", "data: a\ndata\ndata: c\n\n", [["", "a\n\nc"]]],
  ["comments", ": ping\n\n:\n\ndata: a\n: b\n\n", [["", "a"]]],
  ["unknown fields", "id: 1\nretry: 5\ndata: a\nfoo\n\n", [["", "a"]]],
  ["blank lines before", "\n\n\ndata: a\n\n", [["", "a"]]],
  [
    "no last blank line",
    "data: a\n\ndata: [DONE]",
    [
      ["", "a"],
      ["", "[DONE]"],
    ],
  ],
  [
    "a lone last line end",
    "data: a\n\ndata: b\r",
    [
      ["", "a"],
      ["", "b"],
    ],
  ],
  ["colons in the data", 'data: {"a":"b: c"}\n\n', [["", '{"a":"b: c"}']]],
  [
    "characters of many bytes",
    "event: é\ndata: 日本🎉\r\n\r\ndata: ß\n\n",
    [
      ["é", "日本🎉"],
      ["", "ß"],
    ],
  ],
  [
    "a byte order mark",
    "\ufeffdata: a\n\ndata: b\n\n",
    [
      ["", "a"],
      ["", "b"],
    ],
  ],
  ["a byte order mark, later", "data: a\n\n\ufeffdata: b\n\n", [["", "a"]]],
  ["nothing", "", []],
  [
    "what the encoder writes",
    `${sseData({ a: "x\ny" })}${sseEvent("e", { b: 1 })}`,
    [
      ["", '{"a":"x\\ny"}'],
      ["e", '{"b":1}'],
    ],
  ],
];

describe("decoding, whole and cut at every byte", () => {
  it.each(cases)("%s", (_name, stream, expected) => {
    const bytes = Buffer.from(stream);
    const whole = decode([bytes]);
    expect(plain(whole)).toEqual(expected);
    expect(Buffer.concat(whole.map((event) => event.raw)).equals(bytes)).toBe(true);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
    expect(decode(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it("gives equal events and all bytes for any text cut anywhere", () => {
    const text = fc.string({ unit: fc.constantFrom("\r", "\n", "data:", "event: ", "x", "é", ":", " ") });
    fc.assert(
      fc.property(text, fc.array(fc.nat(20), { maxLength: 40 }), (stream, sizes) => {
        const bytes = Buffer.from(stream);
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(at, at + size));
          at = Math.min(at + size, bytes.length);
        }
        chunks.push(bytes.subarray(at));
        const events = decode(chunks);
        expect(events).toEqual(decode([bytes]));
        expect(Buffer.concat(events.map((event) => event.raw)).equals(bytes)).toBe(true);
      }),
    );
  });
});

describe("limits", () => {
  it("refuses an event over the limit, whole or in pieces", () => {
    const event = Buffer.from(`data: ${"x".repeat(100)}\n\n`);
    expect(() => decode([event], 64)).toThrow(SseTooLargeError);
    expect(() =>
      decode(
        Array.from(event, (byte) => Uint8Array.of(byte)),
        64,
      ),
    ).toThrow(SseTooLargeError);
    expect(decode([event, event], event.length)).toHaveLength(2);
  });

  it("does not copy a large event again for each of its small chunks", () => {
    // Buffers handed out by `pending` change only when the decoder had to copy: doubling makes that rare.
    const decoder = new SseDecoder();
    decoder.push(Buffer.from("data: "));
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 10_000; i++) {
      decoder.push(Buffer.from("x".repeat(100)));
      buffers.add(decoder.pending.buffer);
    }
    expect(buffers.size).toBeLessThan(16);
    expect(decoder.push(Buffer.from("\n\n"))[0]?.data).toHaveLength(1_000_000);
  });

  it("reads large events as it does small ones, when asked to", () => {
    const long = "é".repeat(50_000);
    const stream = (data: string) =>
      Buffer.from(`\ufeffdata: ${data}\r\ndata: 2\r\nevent: picture\r\n\r\nevent: b\ndata: ${data}\n\n`);
    const [small, large] = ["x", long].map((data) =>
      new SseDecoder().push(stream(data)).map(({ event, data: said }) => [event, said.replace(data, "_")]),
    );
    expect(large).toEqual(small);
    expect(large).toEqual([
      ["picture", "_\n2"],
      ["b", "_"],
    ]);
    const decoder = new SseDecoder();
    const [first] = decoder.push(stream(long));
    decoder.push(Buffer.from("data: 3\n\n"));
    expect([first?.event, first?.data]).toEqual(["picture", `${long}\n2`]);
  });

  it("leaves events already handed out as they were", () => {
    const decoder = new SseDecoder();
    const first = [...decoder.push(Buffer.from("data: 1")), ...decoder.push(Buffer.from("\n\ndata: 2"))];
    decoder.push(Buffer.from("22\n\n"));
    decoder.push(Buffer.from("data: 3\n\n"));
    expect(first.map((event) => Buffer.from(event.raw).toString())).toEqual(["data: 1\n\n"]);
  });
});
