import { describe, expect, test } from "vitest";
import type { ContinueResponse, Phase } from "../../../src/extproc/messages.ts";
import { WireError } from "../../../src/extproc/wire/error.ts";
import { encodePatience, encodeResponse } from "../../../src/extproc/wire/response.ts";
import type { JsonObject } from "../../../src/json/types.ts";

const hex = (response: ContinueResponse): string => encodeResponse(response).toString("hex");

// The bytes as Envoy reads them, worked out by hand from the field numbers in proto/.
const bytes: Array<[string, ContinueResponse, string]> = [
  ["nothing to change", { kind: "request_headers" }, "0a00"],
  ["nothing to change in the body", { kind: "response_body" }, "2200"],
  ["a body cleared", { kind: "request_body", body: new Uint8Array(0) }, "1a06" + "0a04" + "1a02" + "1001"],
  ["a body", { kind: "response_body", body: Buffer.from("hi") }, "2208" + "0a06" + "1a04" + "0a026869"],
  [
    "a body in answer to headers: CONTINUE_AND_REPLACE",
    { kind: "request_headers", body: Buffer.from("hi") },
    "0a0a" + "0a08" + "0801" + "1a04" + "0a026869",
  ],
  [
    "a header set: raw_value, OVERWRITE_IF_EXISTS_OR_ADD",
    { kind: "request_headers", headers: { set: [["a", "b"]] } },
    "0a10" + "0a0e" + "120c" + "0a0a" + "0a06" + "0a0161" + "1a0162" + "1802",
  ],
  ["trailers removed", { kind: "response_trailers", headers: { remove: ["a"] } }, "3205" + "0a03" + "120161"],
  ["a mode of defaults", { kind: "response_headers", modeOverride: {} }, "1202" + "0a00" + "4a00"],
];

test.each([
  [15_000, "5202" + "080f"],
  [1_500, "5208" + "0801" + "10" + "80cab5ee01"],
  [20, "5207" + "0800" + "10" + "80dac409"],
])("patience of %i ms", (ms, expected) => {
  expect(encodePatience(ms).toString("hex")).toBe(expected);
});

describe("a response", () => {
  test.each(bytes)("%s", (_, response, expected) => {
    expect(hex(response)).toBe(expected);
  });

  test("grows past every estimate", () => {
    const value = "ö".repeat(100_000);
    const encoded = encodeResponse({ kind: "request_headers", headers: { set: [["a", value]] } });
    expect(encoded.length).toBeGreaterThan(200_000);
    expect(encoded.includes(value)).toBe(true);
  });

  test("answers to the same phase do not share bytes once they say something", () => {
    const first = encodeResponse({ kind: "request_body", body: Buffer.from("one") });
    const copy = Buffer.from(first);
    encodeResponse({ kind: "request_body", body: Buffer.from("two") });
    expect(first.equals(copy)).toBe(true);
  });

  const impossible: Array<[string, ContinueResponse]> = [
    ["a body for trailers", { kind: "request_trailers", body: Buffer.from("x") }],
    ["a route cache to clear with trailers", { kind: "response_trailers", clearRouteCache: true }],
    [
      "two bodies",
      {
        kind: "response_body",
        body: Buffer.from("x"),
        streamedBody: { chunk: Buffer.from("x"), endOfStream: true },
      },
    ],
  ];
  test.each(impossible)("%s is refused, not dropped", (_, response) => {
    expect(() => encodeResponse(response)).toThrow(TypeError);
  });

  test("metadata that Envoy could not parse is refused", () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 40; level++) deep = { deep };
    const kind: Phase = "response_body";
    expect(() => encodeResponse({ kind, dynamicMetadata: { ns: deep } })).toThrow(WireError);
    const endless: JsonObject = {};
    endless["self"] = endless;
    expect(() => encodeResponse({ kind, dynamicMetadata: { ns: endless } })).toThrow(WireError);
  });
});
