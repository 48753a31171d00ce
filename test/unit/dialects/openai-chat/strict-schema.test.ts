import { describe, expect, it } from "vitest";
import { isStrictSchema } from "../../../../src/dialects/openai-chat/strict-schema.ts";
import type { JsonObject } from "../../../../src/json/types.ts";

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const nested = (levels: number): JsonObject =>
  levels === 0 ? { type: "string" } : object({ a: nested(levels - 1) });

describe("isStrictSchema", () => {
  it.each<[string, JsonObject]>([
    ["a closed object", object({ name: { type: "string" } })],
    ["one without properties", object({})],
    [
      "lists, choices, references",
      object(
        { a: { type: "array", items: { anyOf: [{ $ref: "#/$defs/b" }, { type: "null" }] } } },
        { $defs: { b: object({}) } },
      ),
    ],
    ["limits that are enforced", object({ n: { type: "integer", minimum: 0, maximum: 9 } })],
    ["ten levels", nested(10)],
  ])("takes %s", (_, schema) => {
    expect(isStrictSchema(schema)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ["an open object", object({}, { additionalProperties: true })],
    ["an object that does not say", { type: "object", properties: {} }],
    ["an optional property", object({ a: { type: "string" } }, { required: [] })],
    ["an open object deeper down", object({ a: { type: "array", items: { type: "object" } } })],
    ["an open definition", object({}, { $defs: { a: { type: "object" } } })],
    ["keywords that are not known", object({ a: { oneOf: [] } })],
    ["anything but an object at the root", { type: "array", items: { type: "string" } }],
    ["a choice at the root", object({}, { anyOf: [] })],
    ["eleven levels", nested(11)],
  ])("does not take %s", (_, schema) => {
    expect(isStrictSchema(schema)).toBe(false);
  });
});
