import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asBase64, asNumbers, readVector } from "../../../src/embeddings/vectors.ts";

describe("vectors", () => {
  it("are written as OpenAI writes them", () => {
    // 1.0 is 0x3f800000, -2.5 is 0xc0200000, least significant byte first.
    expect(asBase64([1, -2.5])).toBe(Buffer.from("0000803f000020c0", "hex").toString("base64"));
    expect(asNumbers("AACAPwAAIMA=")).toEqual([1, -2.5]);
  });

  it("survive both ways, whatever 32-bit floats are in them", () => {
    const vectors = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
    fc.assert(
      fc.property(vectors, (vector) => {
        expect(asNumbers(asBase64(vector))).toEqual(vector);
        expect(asBase64(asNumbers(asBase64(vector)))).toBe(asBase64(vector));
      }),
    );
  });

  it("are the nearest 32-bit floats where a provider writes more digits", () => {
    const vector = [0.1, -0.1208660751581192];
    expect(asNumbers(asBase64(vector))).toEqual(vector.map(Math.fround));
  });

  it.each([[[0.5, 1]], ["AACAPw=="], ["AACAPwAAIMA="]])("are read: %j", (value) => {
    expect(readVector(value)).toEqual(value);
  });

  it.each([
    [undefined],
    [null],
    [7],
    [{}],
    [[]],
    [""],
    [["0.5"]],
    [[0.5, null]],
    // Three bytes are no float.
    ["AACA"],
  ])("are not taken for what they are not: %j", (value) => {
    expect(() => readVector(value)).toThrow();
  });
});
