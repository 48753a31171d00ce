import { describe, expect, it } from "vitest";
import { decodeSchema } from "../../../../src/dialects/gemini/decode-schema.ts";
import { encodeSchema } from "../../../../src/dialects/gemini/schema.ts";
import { isObject, type JsonObject, type JsonValue } from "../../../../src/json/types.ts";
import { fromOpenai } from "./requests.ts";

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  ...more,
});

describe("a schema that Gemini's own can say", () => {
  it.each<[string, JsonObject, JsonObject]>([
    ["types", { type: "integer" }, { type: "INTEGER" }],
    ["null beside a type", { type: ["string", "null"] }, { type: "STRING", nullable: true }],
    [
      "null as an alternative",
      { anyOf: [{ type: "number" }, { type: "null" }] },
      { type: "NUMBER", nullable: true },
    ],
    ["an enum", { enum: ["a", "b"] }, { type: "STRING", enum: ["a", "b"] }],
    [
      "an enum with null",
      { type: ["string", "null"], enum: ["a", null] },
      { type: "STRING", nullable: true, enum: ["a"] },
    ],
    ["a constant", { const: "a" }, { type: "STRING", enum: ["a"] }],
    ["counts", { type: "string", minLength: 2 }, { type: "STRING", minLength: "2" }],
    ["limits", { type: "number", minimum: 0.5, maximum: 2 }, { type: "NUMBER", minimum: 0.5, maximum: 2 }],
    ["a known format", { type: "string", format: "date-time" }, { type: "STRING", format: "date-time" }],
    ["lists", { type: "array", items: { type: "string" } }, { type: "ARRAY", items: { type: "STRING" } }],
    [
      "alternatives",
      { anyOf: [{ type: "string" }, { type: "integer" }] },
      { anyOf: [{ type: "STRING" }, { type: "INTEGER" }] },
    ],
    [
      "a closed object",
      object({ a: { type: "string" } }, { required: ["a"], additionalProperties: false, $schema: "x" }),
      { type: "OBJECT", properties: { a: { type: "STRING" } }, required: ["a"] },
    ],
  ])("%s", (_, given, expected) => {
    expect(encodeSchema(given)).toEqual({ schema: expected, exact: true });
  });
});

describe("a schema that Gemini's own cannot say", () => {
  it.each<[string, JsonObject]>([
    ["open objects", object({ a: { type: "string" } }, { additionalProperties: { type: "string" } })],
    ["several types", { type: ["string", "integer"] }],
    ["numbers as constants", { const: 7 }],
    ["numbers in an enum", { type: "integer", enum: [1, 2] }],
    ["an unknown format", { type: "string", format: "uri" }],
    ["references", object({ a: { $ref: "#/$defs/a" } }, { $defs: { a: { type: "string" } } })],
    ["one of several", { oneOf: [{ type: "string" }, { type: "integer" }] }],
    ["an object without members", object({ a: { type: "object" } })],
    ["a list of anything", { type: "array" }],
    ["anything", object({ a: {} })],
    ["tuples", { type: "array", prefixItems: [{ type: "string" }] }],
    ["exclusive limits", { type: "number", exclusiveMinimum: 0 }],
    [
      "a description beside alternatives",
      { description: "x", anyOf: [{ type: "string" }, { type: "integer" }] },
    ],
  ])("%s", (_, given) => {
    const { schema, exact } = encodeSchema(given);
    expect(exact).toBe(false);
    expectGeminiSchema(schema);
  });

  it("tells the model what nothing enforces", () => {
    expect(encodeSchema({ type: "string", description: "A link.", format: "uri" }).schema).toEqual({
      type: "STRING",
      description: 'A link.\n\n{format: "uri"}',
    });
  });

  it("has its references inlined, and a cycle cut", () => {
    const tree = {
      $defs: {
        node: object({ value: { type: "string" }, next: { $ref: "#/$defs/node" } }, { required: ["value"] }),
      },
      $ref: "#/$defs/node",
    };
    const { schema } = encodeSchema(tree);
    expectGeminiSchema(schema);
    expect(schema).toMatchObject({
      properties: { next: { properties: { next: { properties: { value: {} } } } } },
    });
    expect(JSON.stringify(schema).length).toBeLessThan(5_000);
  });

  it("does not grow without end when its references fan out", () => {
    const fan = (next: string) =>
      object({ a: { $ref: next }, b: { $ref: next }, c: { $ref: next }, d: { $ref: next } });
    const bomb = { $defs: { x: fan("#/$defs/y"), y: fan("#/$defs/x") }, $ref: "#/$defs/x" };
    expect(JSON.stringify(encodeSchema(bomb).schema).length).toBeLessThan(1_000_000);
    const self = { $ref: "#" };
    expectGeminiSchema(encodeSchema(self).schema);
    expectGeminiSchema(encodeSchema({ $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }).schema);
  });

  it("is composed of all its parts", () => {
    const { schema } = encodeSchema({
      $defs: { base: object({ id: { type: "string" } }, { required: ["id"] }) },
      allOf: [{ $ref: "#/$defs/base" }, object({ name: { type: "string" } }, { required: ["name"] })],
    });
    expect(schema).toEqual({
      type: "OBJECT",
      properties: { id: { type: "STRING" }, name: { type: "STRING" } },
      required: ["name", "id"],
    });
  });
});

/** What Google publishes of `Schema`, as far as it refuses other things. */
function expectGeminiSchema(schema: JsonValue | undefined): void {
  if (!isObject(schema)) throw new Error(`no schema: ${JSON.stringify(schema)}`);
  const known = new Set(
    `type format title description nullable enum maxItems minItems properties required minProperties maxProperties
     minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum`.split(/\s+/),
  );
  for (const name of Object.keys(schema)) expect(known.has(name), name).toBe(true);
  if (schema["anyOf"] === undefined)
    expect(["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT"]).toContain(schema["type"]);
  if (schema["enum"] !== undefined) expect(schema["type"]).toBe("STRING");
  for (const one of (schema["anyOf"] as JsonValue[] | undefined) ?? []) expectGeminiSchema(one);
  for (const one of Object.values((schema["properties"] as JsonObject | undefined) ?? {}))
    expectGeminiSchema(one);
  if (schema["type"] === "ARRAY") expectGeminiSchema(schema["items"]);
}

describe("where a schema goes", () => {
  const tool = (parameters?: JsonObject) => ({
    tools: [{ type: "function", function: { name: "f", ...(parameters && { parameters }) } }],
  });
  const declared = (parameters?: JsonObject, model?: string) => {
    const { body, lost } = fromOpenai(tool(parameters), model);
    const [tools] = body["tools"] as [{ functionDeclarations: [JsonObject] }];
    return { declaration: tools.functionDeclarations[0], lost };
  };
  const exact = object({ a: { type: "string" } });
  const open = object({ a: { type: "string", format: "uri" } });

  it("is its own form where that says it all", () => {
    expect(declared(exact).declaration).toEqual({
      name: "f",
      parameters: { type: "OBJECT", properties: { a: { type: "STRING" } } },
    });
  });

  it("is JSON Schema where it does not, word for word", () => {
    expect(declared(open)).toEqual({ declaration: { name: "f", parametersJsonSchema: open }, lost: [] });
  });

  it("is approximated for models that do not take JSON Schema", () => {
    const { declaration, lost } = declared(open, "gemini-1.5-pro");
    expect(Object.keys(declaration)).toEqual(["name", "parameters"]);
    expect(lost).toEqual(["approximated tools[0].parameters"]);
  });

  it.each([undefined, {}, { type: "object" }, object({}), object({}, { additionalProperties: false })])(
    "is nowhere for a function without parameters: %j",
    (parameters) => expect(declared(parameters).declaration).toEqual({ name: "f" }),
  );

  it.each<[JsonObject, JsonObject]>([
    [exact, { responseMimeType: "application/json", responseSchema: encodeSchema(exact).schema }],
    [open, { responseMimeType: "application/json", responseJsonSchema: open }],
  ])("is the answer's: %j", (schema, expected) => {
    const format = { response_format: { type: "json_schema", json_schema: { name: "x", schema } } };
    expect(fromOpenai(format).body["generationConfig"]).toEqual(expected);
  });

  it("is an instruction where the model takes no format beside functions", () => {
    const format = { response_format: { type: "json_schema", json_schema: { name: "x", schema: exact } } };
    const old = fromOpenai({ ...format, ...tool(exact) }, "gemini-2.5-flash");
    expect(old.body["generationConfig"]).toBeUndefined();
    expect(JSON.stringify(old.body["systemInstruction"])).toContain("JSON schema");
    expect(old.lost).toEqual(["approximated response_format"]);
    const current = fromOpenai({ ...format, ...tool(exact) }, "gemini-3-pro-preview");
    expect(current.body["generationConfig"]).toMatchObject({ responseMimeType: "application/json" });
    expect(current.lost).toEqual([]);
  });
});

describe("Gemini's own schema, for others", () => {
  it("becomes JSON Schema", () => {
    const own = {
      type: "OBJECT",
      properties: {
        b: { type: "ARRAY", items: { type: "NUMBER" }, minItems: "2" },
        a: { type: "STRING", format: "enum", enum: ["x"], nullable: true, example: "x" },
      },
      property_ordering: ["a", "b"],
      required: ["a"],
    };
    expect(JSON.stringify(decodeSchema(own))).toBe(
      JSON.stringify({
        type: "object",
        required: ["a"],
        properties: {
          a: { type: ["string", "null"], enum: ["x", null], examples: ["x"] },
          b: { type: "array", minItems: 2, items: { type: "number" } },
        },
      }),
    );
  });
});
