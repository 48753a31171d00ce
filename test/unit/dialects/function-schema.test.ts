import { describe, expect, it } from "vitest";
import { functionSchema } from "../../../src/dialects/function-schema.ts";
import type { JsonObject } from "../../../src/json/types.ts";

const text = { type: "string" };
const number = { type: "integer" };

describe("parameters of a function", () => {
  it("stay as they are when they are an object", () => {
    const schema = { type: "object", properties: { a: { anyOf: [text, number] } }, $defs: { b: text } };
    expect(functionSchema(schema)).toEqual({ schema, isExact: true });
    expect(functionSchema(schema).schema).toBe(schema);
  });

  it.each<[name: string, given: JsonObject, schema: JsonObject]>([
    ["nothing", {}, { type: "object", properties: {} }],
    ["no properties", { type: "object" }, { type: "object", properties: {} }],
    ["no type", { properties: { a: text } }, { type: "object", properties: { a: text } }],
    ["perhaps null", { type: ["object", "null"], properties: {} }, { type: "object", properties: {} }],
    [
      "a reference",
      {
        $ref: "#/$defs/node",
        $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
      },
      {
        type: "object",
        properties: { next: { $ref: "#/$defs/node" } },
        $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
      },
    ],
    [
      "a composition",
      {
        description: "Both.",
        allOf: [
          { type: "object", properties: { a: text, b: text }, required: ["a"] },
          { properties: { b: { minLength: 1 }, c: number }, required: ["c"], additionalProperties: false },
        ],
      },
      {
        type: "object",
        description: "Both.",
        properties: { a: text, b: { allOf: [text, { minLength: 1 }] }, c: number },
        required: ["a", "c"],
        additionalProperties: false,
      },
    ],
  ])("say the same: %s", (_, given, schema) => {
    expect(functionSchema(given)).toEqual({ schema, isExact: true });
  });

  it.each<[name: string, given: JsonObject, schema: JsonObject]>([
    [
      "alternatives",
      {
        oneOf: [
          { type: "object", properties: { kind: { const: "a" }, x: text }, required: ["kind", "x"] },
          { type: "object", properties: { kind: { const: "b" }, y: text }, required: ["kind"] },
        ],
      },
      {
        type: "object",
        properties: { kind: { anyOf: [{ const: "a" }, { const: "b" }] }, x: text, y: text },
        required: ["kind"],
      },
    ],
    [
      "one member of several",
      { type: "object", properties: { a: text, b: text }, anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      { type: "object", properties: { a: text, b: text } },
    ],
    [
      "a member that alternatives know better",
      { type: "object", properties: { a: text }, anyOf: [{ properties: { a: { const: "x" } } }] },
      { type: "object", properties: { a: text } },
    ],
    [
      "a negation",
      { type: "object", properties: {}, not: { required: ["a"] } },
      { type: "object", properties: {} },
    ],
    ["a reference to elsewhere", { $ref: "https://example.com/schema" }, { type: "object", properties: {} }],
  ])("tell what they can no longer demand: %s", (_, given, expected) => {
    const { schema, isExact } = functionSchema({ description: "D.", ...given });
    const { description, ...rest } = schema;
    expect(rest).toEqual(expected);
    expect(isExact).toBe(false);
    const [name = ""] = Object.keys(given).filter((member) => /^(anyOf|oneOf|not|\$ref)$/.test(member));
    expect(description).toBe(`D.\n\n{${name}: ${JSON.stringify(given[name])}}`);
  });

  it("of another type are the client's mistake", () => {
    const schema = { type: "string" };
    expect(functionSchema(schema)).toEqual({ schema, isExact: true });
  });

  it("end, however they go round or fan out", () => {
    const itself = { $ref: "#" };
    const round = functionSchema({ allOf: [itself, itself], anyOf: [itself, itself, itself] });
    expect(round.schema).toMatchObject({ type: "object", properties: {} });
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`p${i}`, text]));
    const branches = Array.from({ length: 5_000 }, () => ({ type: "object", properties: wide }));
    const { schema } = functionSchema({ anyOf: branches });
    expect(Object.keys(schema["properties"] as JsonObject)).toHaveLength(200);
    expect(String(schema["description"]).length).toBeLessThanOrEqual(10_000);
  });
});
