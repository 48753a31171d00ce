/**
 * Tools as the model is shown them: TypeScript-like declarations in a namespace. Source: "Function calling" in
 * https://cookbook.openai.com/articles/openai-harmony. The older models are shown the same: with it, the totals
 * published in https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken come out (see the tests).
 */
import type { Tool } from "../../conversation/request.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { readableJson } from "./readable-json.ts";

/** A schema in a schema in a schema: beyond, it is shown as JSON. */
const deepest = 16;

export function toolDeclarations(tools: readonly Tool[]): string {
  return `namespace functions {\n\n${tools.map(declaration).join("")}} // namespace functions`;
}

function declaration({ name, description, parameters }: Tool): string {
  const fields = parameters === undefined ? "" : fieldsOf(parameters, 0);
  const argument = fields === "" ? "" : `_: {\n${fields}}`;
  return `${comment(description)}type ${name} = (${argument}) => any;\n\n${definitions(parameters)}`;
}

function fieldsOf(schema: JsonObject, depth: number): string {
  const properties = schema["properties"];
  if (!isObject(properties)) return "";
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  return Object.entries(properties)
    .map(([name, property]) => field(name, property, required.has(name), depth))
    .join("");
}

function field(name: string, property: JsonValue, isRequired: boolean, depth: number): string {
  const described = isObject(property) ? comment(property["description"]) : "";
  const initial = isObject(property) ? property["default"] : undefined;
  const note = initial === undefined ? "" : ` // default: ${scalar(initial)}`;
  return `${described}${name}${isRequired ? "" : "?"}: ${typeOf(property, depth + 1)},${note}\n`;
}

function typeOf(schema: JsonValue | undefined, depth: number): string {
  if (!isObject(schema)) return "any";
  if (depth > deepest) return readableJson(schema);
  for (const choices of [schema["anyOf"], schema["oneOf"], schema["allOf"]]) {
    if (Array.isArray(choices)) return choices.map((choice) => typeOf(choice, depth + 1)).join(" | ");
  }
  if (Array.isArray(schema["enum"])) return schema["enum"].map(readableJson).join(" | ");
  if (schema["const"] !== undefined) return readableJson(schema["const"]);
  const type = schema["type"];
  if (Array.isArray(type)) return type.map((one) => typeNamed(one, schema, depth)).join(" | ");
  return typeNamed(type, schema, depth);
}

function typeNamed(type: JsonValue | undefined, schema: JsonObject, depth: number): string {
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return `${typeOf(schema["items"], depth + 1)}[]`;
    case "object": {
      const fields = fieldsOf(schema, depth);
      return fields === "" ? "object" : `{\n${fields}}`;
    }
    default:
      return typeof type === "string" ? type : "any";
  }
}

/** What is referred to is shown somewhere; how is not published. */
function definitions(schema: JsonObject | undefined): string {
  const named = schema?.["$defs"] ?? schema?.["definitions"];
  return named === undefined ? "" : readableJson(named);
}

function comment(description: JsonValue | undefined): string {
  return typeof description === "string" && description !== "" ? `// ${description}\n` : "";
}

function scalar(value: JsonValue): string {
  return typeof value === "string" ? value : readableJson(value);
}
