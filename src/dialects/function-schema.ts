/**
 * The parameters of a function as every provider takes them: an object at the root, its properties in one place. JSON
 * Schema allows more there, and the tools of MCP servers use it: references, alternatives (`anyOf`), compositions
 * (`allOf`), no type at all. Providers answer 400 to the whole request then: "schema must have type 'object' and not have
 * 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level", "object schema missing properties" (OpenAI), "input_schema does
 * not support oneOf, allOf, or anyOf at the top level" (Anthropic), "parameters schema should be of type OBJECT" (Gemini).
 *
 * What the root can no longer say is told to the model in the description, where it still guides.
 *
 * Sources: https://platform.openai.com/docs/guides/function-calling,
 * https://github.com/anthropics/claude-code/issues/5973, https://github.com/github/copilot-cli/issues/2223
 */
import type { Losses } from "../conversation/losses.ts";
import type { Tool } from "../conversation/request.ts";
import { isObject, type JsonObject, type JsonValue } from "../json/types.ts";
import { lookUp } from "./schema-pointer.ts";

export interface FunctionSchema {
  readonly schema: JsonObject;
  /** Everything that the schema demands is still demanded. */
  readonly isExact: boolean;
}

const alternatives = ["anyOf", "oneOf"] as const;
/** What must not stand at the root. */
const refused: ReadonlySet<string> = new Set([...alternatives, "allOf", "enum", "not", "$ref"]);
/** Schemas that are looked at: references and compositions may go round, or fan out without end. */
const maxNodes = 64;
const maxDepth = 8;
const maxToldCharacters = 10_000;

/** The tool with such parameters; the very same one when nothing is to be changed. */
export function withFunctionSchema(tool: Tool, losses: Losses): Tool {
  if (tool.parameters === undefined) return tool;
  const { schema, isExact } = functionSchema(tool.parameters);
  if (!isExact)
    losses.approximated(
      `${tool.at}.parameters`,
      "alternatives at the root of the schema are told to the model but not enforced",
    );
  return schema === tool.parameters ? tool : { ...tool, parameters: schema };
}

/** The very same object when nothing is to be changed. */
export function functionSchema(given: JsonObject): FunctionSchema {
  const isPlain = given["type"] === "object" && isObject(given["properties"]);
  if (isPlain && !Object.keys(given).some((name) => refused.has(name)))
    return { schema: given, isExact: true };
  // No function has arguments of another type: that is the client's mistake, and the provider says so.
  if (!mayBeObject(given["type"])) return { schema: given, isExact: true };
  const { flat, told } = new Flattening(given);
  const untold = flat.rest["description"];
  const description = [
    ...(typeof untold === "string" ? [untold] : []),
    ...(told.length > 0 ? [`{${told.join(", ")}}`.slice(0, maxToldCharacters)] : []),
  ];
  const schema: JsonObject = {
    ...flat.rest,
    type: "object",
    properties: flat.properties,
    ...(flat.required.length > 0 && { required: [...flat.required] }),
    ...(description.length > 0 && { description: description.join("\n\n") }),
  };
  return { schema, isExact: told.length === 0 };
}

function mayBeObject(type: JsonValue | undefined): boolean {
  return type === undefined || type === "object" || (Array.isArray(type) && type.includes("object"));
}

interface Flat {
  readonly properties: JsonObject;
  readonly required: readonly JsonValue[];
  /** Members that may stand beside them. */
  readonly rest: JsonObject;
}

class Flattening {
  /** What is no longer demanded. */
  readonly told: string[] = [];
  readonly flat: Flat;
  readonly #root: JsonObject;
  #nodes = 0;

  constructor(root: JsonObject) {
    this.#root = root;
    this.flat = this.#flatten(root, 0, true);
  }

  /** @param isTold false inside of alternatives, which are told as a whole */
  #flatten(given: JsonObject, depth: number, isTold: boolean): Flat {
    const tell = (name: string): void => {
      const value = given[name];
      const shown = Array.isArray(value) ? value.slice(0, maxNodes) : value;
      if (isTold && shown !== undefined) this.told.push(`${name}: ${JSON.stringify(shown)}`);
    };
    let flat: Flat = {
      properties: isObject(given["properties"]) ? given["properties"] : {},
      required: listOf(given["required"]),
      rest: withoutRefused(given),
    };
    if (depth >= maxDepth || ++this.#nodes > maxNodes) {
      for (const name of refused) tell(name);
      return flat;
    }
    const parts = listOf(given["allOf"]).filter(isObject).slice(0, maxNodes);
    const target = typeof given["$ref"] === "string" ? lookUp(given["$ref"], this.#root) : undefined;
    if (target !== undefined) parts.unshift(target);
    else tell("$ref");
    for (const part of parts) flat = both(flat, this.#flatten(part, depth + 1, isTold));
    for (const name of alternatives) {
      tell(name);
      const branches = listOf(given[name]).filter(isObject).slice(0, maxNodes);
      flat = beside(flat, either(branches.map((branch) => this.#flatten(branch, depth + 1, false))));
    }
    for (const name of ["enum", "not"]) tell(name);
    return flat;
  }
}

function withoutRefused(given: JsonObject): JsonObject {
  const kept = Object.entries(given).filter(
    ([name]) => !refused.has(name) && name !== "properties" && name !== "required",
  );
  return Object.fromEntries(kept);
}

/** Both must hold; of notes, the nearer ones stay. */
function both(near: Flat, far: Flat): Flat {
  const shared = Object.keys(near.properties).filter((name) => Object.hasOwn(far.properties, name));
  const joined = shared.map((name): [string, JsonValue] => {
    const [one, other] = [near.properties[name] ?? {}, far.properties[name] ?? {}];
    return [name, JSON.stringify(one) === JSON.stringify(other) ? one : { allOf: [one, other] }];
  });
  return {
    properties: { ...far.properties, ...near.properties, ...Object.fromEntries(joined) },
    required: [...new Set([...near.required, ...far.required])],
    rest: { ...far.rest, ...near.rest },
  };
}

/** What alternatives say of a property that is declared anyway is told, not demanded. */
function beside(flat: Flat, choice: Flat): Flat {
  return {
    properties: { ...choice.properties, ...flat.properties },
    required: [...new Set([...flat.required, ...choice.required])],
    rest: flat.rest,
  };
}

/** All properties of the alternatives, in every form that they have there; demanded is what all of them demand. */
function either(flats: readonly Flat[]): Flat {
  const forms = new Map<string, Map<string, JsonValue>>();
  for (const { properties } of flats) {
    for (const [name, form] of Object.entries(properties)) {
      const known = forms.get(name) ?? new Map<string, JsonValue>();
      forms.set(name, known.set(JSON.stringify(form), form));
    }
  }
  const properties = Array.from(forms, ([name, known]): [string, JsonValue] => {
    const [first = {}, ...others] = known.values();
    return [name, others.length === 0 ? first : { anyOf: [first, ...others] }];
  });
  const [first, ...others] = flats.map(({ required }) => new Set(required));
  const required = [...(first ?? [])].filter((name) => others.every((one) => one.has(name)));
  return { properties: Object.fromEntries(properties), required, rest: {} };
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
