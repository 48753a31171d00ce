import { expect, it } from "vitest";
import type { Tool } from "../../../../src/conversation/request.ts";
import { toolDeclarations } from "../../../../src/tokens/counting/tool-declarations.ts";

const tool = (name: string, properties: object, more: Partial<Tool> = {}): Tool => ({
  name,
  parameters: { type: "object", properties, required: ["location", "locations"] } as NonNullable<
    Tool["parameters"]
  >,
  at: "",
  ...more,
});

// The complete example of https://cookbook.openai.com/articles/openai-harmony (MIT).
it("declares tools as OpenAI documents it", () => {
  const format = { type: "string", enum: ["celsius", "fahrenheit"], default: "celsius" };
  const city = { type: "string", description: "The city and state, e.g. San Francisco, CA" };
  const cities = {
    type: "array",
    items: { type: "string" },
    description: 'List of city and state, e.g. ["San Francisco, CA", "New York, NY"]',
  };
  const tools: Tool[] = [
    { name: "get_location", description: "Gets the location of the user.", at: "" },
    tool(
      "get_current_weather",
      { location: city, format },
      { description: "Gets the current weather in the provided location." },
    ),
    tool(
      "get_multiple_weathers",
      { locations: cities, format },
      { description: "Gets the current weather in the provided list of locations." },
    ),
  ];
  expect(toolDeclarations(tools)).toBe(`namespace functions {

// Gets the location of the user.
type get_location = () => any;

// Gets the current weather in the provided location.
type get_current_weather = (_: {
// The city and state, e.g. San Francisco, CA
location: string,
format?: "celsius" | "fahrenheit", // default: celsius
}) => any;

// Gets the current weather in the provided list of locations.
type get_multiple_weathers = (_: {
// List of city and state, e.g. ["San Francisco, CA", "New York, NY"]
locations: string[],
format?: "celsius" | "fahrenheit", // default: celsius
}) => any;

} // namespace functions`);
});

it.each([
  [{ type: "integer" }, "number"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ anyOf: [{ type: "string" }, { type: "array", items: { type: "boolean" } }] }, "string | boolean[]"],
  [{ const: 5 }, "5"],
  [{ enum: [1, null, "x"] }, '1 | null | "x"'],
  [{ type: "object" }, "object"],
  [{ type: "array" }, "any[]"],
  [{ $ref: "#/$defs/a" }, "any"],
  [true, "any"],
  [{ type: "object", properties: { b: { type: "string" } }, required: ["b"] }, "{\nb: string,\n}"],
])("%j is %s", (schema, type) => {
  expect(toolDeclarations([tool("f", { a: schema })])).toContain(`\na?: ${type},\n`);
});

it("shows definitions that are referred to", () => {
  const parameters = { type: "object", properties: {}, $defs: { a: { type: "string" } } };
  expect(toolDeclarations([{ name: "f", parameters, at: "" }])).toContain('{"a":{"type":"string"}}');
});

it("shows what is nested deeper than anybody writes as JSON", () => {
  let schema: object = { type: "string", title: "innermost" };
  for (let depth = 0; depth < 40; depth++) schema = { type: "array", items: schema };
  const shown = toolDeclarations([tool("f", { a: schema })]);
  expect(shown).toContain('"title":"innermost"');
  expect(shown).toMatch(/\}(\[\]){10,}/);
});
