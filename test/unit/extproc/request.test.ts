import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProcessingRequest } from "../../../src/extproc/messages.ts";
import { WireError } from "../../../src/extproc/wire/error.ts";
import { decodeRequest } from "../../../src/extproc/wire/request.ts";

/** A length-delimited field. */
function field(number: number, ...content: Array<Uint8Array | string | number>): Buffer {
  const parts = content.map((part) =>
    typeof part === "number" ? Buffer.from([part]) : Buffer.from(part as string),
  );
  const bytes = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

const header = (name: string, value: Uint8Array | string) => field(1, field(1, name), field(3, value));
const headersMessage = (...headers: Buffer[]) => field(2, field(1, ...headers), 0x18, 1);
const attribute = (name: string, value: Buffer) => field(9, field(1, "filter"), field(2, entry(name, value)));
const entry = (name: string, value: Buffer) => field(1, field(1, name), field(2, value));

const SAMPLE = Buffer.concat([
  headersMessage(header(":path", "/v1"), header("x-name", "Zoë"), header("x-old", Buffer.from([0xe9]))),
  attribute("xds.cluster_name", field(3, "openai")),
]);

describe("a request", () => {
  test("gives headers in order, text as UTF-8 where it is valid and latin1 where not", () => {
    const { kind, headers, endOfStream, attributes } = decodeRequest(SAMPLE);
    expect(kind).toBe("request_headers");
    expect(endOfStream).toBe(true);
    expect([...headers.entries()]).toEqual([
      [":path", "/v1"],
      ["x-name", "Zoë"],
      ["x-old", "é"],
    ]);
    expect(attributes["xds.cluster_name"]).toBe("openai");
  });

  test("takes value where raw_value is empty, and raw_value where both are there", () => {
    const { headers } = decodeRequest(
      headersMessage(
        field(1, field(1, "a"), field(2, "one")),
        field(1, field(1, "b"), field(2, "x"), field(3, "two")),
      ),
    );
    expect([...headers.entries()]).toEqual([
      ["a", "one"],
      ["b", "two"],
    ]);
  });

  test("gives the body as a view, not a copy", () => {
    const bytes = field(4, field(1, "hello"), 0x10, 1);
    const { body, kind, endOfStream } = decodeRequest(bytes);
    expect(kind).toBe("request_body");
    expect(endOfStream).toBe(true);
    expect(body.buffer).toBe(bytes.buffer);
    expect(Buffer.from(body).toString()).toBe("hello");
  });

  test("is unknown when it has no member that we know", () => {
    expect(decodeRequest(Buffer.alloc(0)).kind).toBe("unknown");
    expect(decodeRequest(field(12, "from the future")).kind).toBe("unknown");
  });

  test("counts the last member when there are two", () => {
    const { kind, headers, body } = decodeRequest(Buffer.concat([SAMPLE, field(5, field(1, "x"))]));
    expect([kind, [...headers.names()], body.length]).toEqual(["response_body", [], 1]);
  });

  test("passes over unknown fields of every wire type, at every level", () => {
    const strange = Buffer.concat([
      Buffer.from([...varint(100 * 8), 0xff, 0x01]),
      Buffer.from([...varint(100 * 8 + 1), 1, 2, 3, 4, 5, 6, 7, 8]),
      field(100, "text"),
      Buffer.from([...varint(100 * 8 + 5), 1, 2, 3, 4]),
    ]);
    const inside = field(
      2,
      field(1, field(1, field(1, "a"), strange, field(3, "b")), strange),
      strange,
      0x18,
      1,
    );
    const { headers, endOfStream } = decodeRequest(Buffer.concat([strange, inside, strange]));
    expect([[...headers.entries()], endOfStream]).toEqual([[["a", "b"]], true]);
  });

  test("reads booleans from varints of up to ten bytes", () => {
    const negative = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    const high = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    const overlongZero = [0x80, 0x80, 0x80, 0x00];
    const endOfStream = (bytes: number[]) => decodeRequest(field(4, 0x10, Buffer.from(bytes))).endOfStream;
    expect([negative, high, overlongZero].map(endOfStream)).toEqual([true, true, false]);
  });

  test("has attributes as text, null left out, and no key means anything", () => {
    const value = { number: 2.5, yes: true, list: [1] };
    const double = Buffer.alloc(8);
    double.writeDoubleLE(value.number);
    const { attributes } = decodeRequest(
      Buffer.concat([
        attribute("number", Buffer.from([0x11, ...double])),
        attribute("yes", Buffer.from([0x20, 1])),
        attribute("nothing", Buffer.from([0x08, 0])),
        attribute("__proto__", field(3, "own")),
        attribute("list", field(6, field(1, field(3, "a")), field(1, Buffer.from([0x20, 0])))),
      ]),
    );
    expect(Object.entries(attributes)).toEqual([
      ["number", "2.5"],
      ["yes", "true"],
      ["__proto__", "own"],
      ["list", '["a",false]'],
    ]);
    expect(({} as Record<string, unknown>)["own"]).toBeUndefined();
  });
});

describe("hostile bytes", () => {
  const nested = (depth: number): Buffer => {
    let value = field(3, "deep");
    for (let level = 0; level < depth; level++) value = field(5, entry("k", value));
    return attribute("a", value);
  };
  const cases: Array<[string, Buffer]> = [
    ["a tag cut off", Buffer.from([0x92])],
    ["a length cut off", Buffer.from([0x12])],
    ["a length beyond the end", Buffer.from([0x12, 0x05, 0x0a])],
    ["a length of 4 GiB", Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ["a length of 2^64 - 1", Buffer.from([0x12, ...Array(9).fill(0xff), 0x01])],
    ["a skipped length of 2^64 - 1", Buffer.from([0xa2, 0x06, ...Array(9).fill(0xff), 0x01])],
    ["an inner length beyond its message", field(4, Buffer.from([0x0a, 0x7f, 0x00]))],
    ["a varint of eleven bytes", field(4, 0x10, Buffer.alloc(10, 0xff), 0x01)],
    ["field number zero", Buffer.from([0x02, 0x00])],
    ["a field number beyond 2^29", Buffer.from([0x80, 0x80, 0x80, 0x80, 0x20, 0x00])],
    ["a group", Buffer.from([0xa3, 0x06, 0xa4, 0x06])],
    ["wire type 7", Buffer.from([0xa7, 0x06])],
    ["headers as a varint", Buffer.from([0x10, 0x01])],
    ["a body as a fixed32", field(4, Buffer.from([0x0d, 1, 2, 3, 4]))],
    ["end_of_stream as bytes", field(4, field(2, "yes"))],
    ["a fixed64 cut off", attribute("a", Buffer.from([0x11, 1, 2, 3]))],
    ["objects nested 40 deep", nested(40)],
    ["5,000 headers", headersMessage(...Array(5_000).fill(field(1)))],
    [
      "2,000 attributes",
      Buffer.concat(Array.from({ length: 2_000 }, (_, i) => attribute(`a${i}`, field(3, "x")))),
    ],
    ["20,000 values in a list", attribute("a", field(6, ...Array(20_000).fill(field(1))))],
  ];

  test.each(cases)("%s is a WireError", (_, bytes) => {
    expect(() => decodeRequest(bytes)).toThrow(WireError);
  });

  test("nesting is accepted to the depth that Envoy itself parses", () => {
    expect(decodeRequest(nested(30)).attributes["a"]).toContain("deep");
  });

  test("cut anywhere, a message is whole or a WireError", () => {
    for (let end = 0; end < SAMPLE.length; end++) outcome(SAMPLE.subarray(0, end));
  });

  test("changed or made up, bytes give a message or a WireError, never anything else", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(Buffer.from(bytes))));
    const change = fc.tuple(fc.nat(SAMPLE.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(SAMPLE);
        for (const [at, byte] of changes) bytes[at] = byte;
        outcome(bytes);
      }),
      { numRuns: 5_000 },
    );
  });

  test("hundreds of thousands of empty fields take no time to speak of", () => {
    const started = performance.now();
    for (const number of [2, 9, 100]) outcome(Buffer.concat(Array(200_000).fill(field(number))));
    outcome(field(9, Buffer.concat(Array(200_000).fill(field(2)))));
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

function outcome(bytes: Buffer): ProcessingRequest | undefined {
  try {
    return decodeRequest(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return undefined;
  }
}
