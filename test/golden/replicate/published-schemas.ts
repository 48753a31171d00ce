/**
 * What Replicate publishes of the inputs of its language models, and what is wrong with a request by that. Each was read
 * at its source; a field that is not here is none of the model's.
 */
import { isObject, type JsonObject, type JsonValue } from "../../../src/json/types.ts";

interface Field {
  readonly type: "string" | "integer" | "number" | "boolean" | "strings" | "objects";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly values?: readonly string[];
}

interface Schema {
  readonly source: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const string = { type: "string" } as const;
const integer = { type: "integer" } as const;
const number = { type: "number" } as const;
const boolean = { type: "boolean" } as const;
const strings = { type: "strings" } as const;
const share = { type: "number", minimum: 0, maximum: 1 } as const;
const penalty = { type: "number", minimum: -2, maximum: 2 } as const;
const prompts = { prompt: string, system_prompt: string } as const;
const effort = (...values: string[]) => ({ ...string, values });

const page = (model: string, version: string) => `https://replicate.com/${model}/versions/${version}/api`;

const claude = (most: number, least: number) => ({
  ...prompts,
  image: string,
  max_tokens: { ...integer, minimum: least, maximum: most },
  max_image_resolution: { ...number, minimum: 0.001, maximum: 2 },
});
const gpt = { ...prompts, image_input: strings, max_completion_tokens: integer } as const;
const talkingGpt = { ...gpt, messages: { type: "objects" } } as const;
const verbosity = effort("low", "medium", "high");

export const schemas: Readonly<Record<string, Schema>> = {
  "meta/meta-llama-3.1-405b-instruct": {
    source: page(
      "meta/meta-llama-3.1-405b-instruct",
      "e6cb7fc3ed90eae2c879c48deda8f49152391ad66349fe7694be24089c29f71c",
    ),
    fields: {
      ...prompts,
      ...{ min_tokens: integer, max_tokens: integer, temperature: number, top_p: number, top_k: integer },
      ...{ presence_penalty: number, frequency_penalty: number, stop_sequences: string },
    },
  },
  "meta/meta-llama-3-8b-instruct": {
    // The page of `replicate-internal/llama-3-8b-instruct-fp16-triton`, which serves it, and the source of that.
    source: "https://github.com/replicate/cog-triton/blob/main/predict.py",
    fields: {
      ...prompts,
      max_tokens: { ...integer, minimum: 1 },
      min_tokens: { ...integer, minimum: -1 },
      temperature: { ...number, minimum: 0, maximum: 5 },
      top_p: share,
      top_k: { ...integer, minimum: -1 },
      ...{ stop_sequences: string, presence_penalty: number, seed: integer, prompt_template: string },
      length_penalty: { ...number, minimum: 0, maximum: 5 },
    },
  },
  "meta/llama-2-70b-chat": {
    source: page("meta/llama-2-70b-chat", "02e509c789964a7ea8736978a43525956ef40397be9033abf9fd2badfe68c9e3"),
    fields: {
      ...prompts,
      max_new_tokens: { ...integer, minimum: 1 },
      min_new_tokens: { ...integer, minimum: -1 },
      temperature: { ...number, minimum: 0.01, maximum: 5 },
      top_p: share,
      top_k: { ...integer, minimum: 0 },
      ...{ stop_sequences: string, seed: integer, debug: boolean, replicate_weights: string },
    },
  },
  "anthropic/claude-3.5-sonnet": {
    source: page(
      "anthropic/claude-3.5-sonnet",
      "b7bb89fa62c9ba7da1ed4b70a91b4381ca2e48a5771ec86254d8c13509c31820",
    ),
    fields: claude(8192, 1),
  },
  "anthropic/claude-4-sonnet": {
    source: page(
      "anthropic/claude-4-sonnet",
      "a25dded6c14bd4b7d7c4dff6fdd8a64efc923ff5d200ac27f16aa6494e61695a",
    ),
    fields: {
      ...claude(64_000, 1024),
      extended_thinking: boolean,
      thinking_budget_tokens: { ...integer, minimum: 1024, maximum: 64_000 },
    },
  },
  "anthropic/claude-sonnet-5": {
    source: page(
      "anthropic/claude-sonnet-5",
      "0b94850bb1ef0f04c5a50a8328e30c47400dad5b715237bc044e52875bd132f3",
    ),
    fields: { ...claude(64_000, 1024), effort: string },
  },
  "openai/gpt-4.1-mini": {
    source: page("openai/gpt-4.1-mini", "ea66cc9d7d92ac29f82a0e30d11523943be6cc4ec010c9671828ae43ed93d675"),
    fields: {
      ...talkingGpt,
      temperature: { ...number, minimum: 0, maximum: 2 },
      ...{ top_p: share, presence_penalty: penalty, frequency_penalty: penalty },
    },
  },
  "openai/o1": {
    source: page("openai/o1", "23162e89bcebe497ddbc1bee01fedcea7207c0ff19f8ebdd8c0b13372e02f364"),
    fields: { ...talkingGpt, reasoning_effort: effort("low", "medium", "high") },
  },
  "openai/o4-mini": {
    source: page("openai/o4-mini", "06ab89f0e5b8e60562e4336f0825000d6654f92a2396f6280d2e70189456f3b0"),
    fields: { ...gpt, reasoning_effort: effort("low", "medium", "high") },
  },
  "openai/gpt-5-nano": {
    source: page("openai/gpt-5-nano", "3e5e85c2393b64269755bdb0e900971f3d8b8f17736cfc46dc786629311c5030"),
    fields: {
      ...talkingGpt,
      reasoning_effort: effort("minimal", "low", "medium", "high"),
      verbosity,
    },
  },
  "openai/gpt-5.1": {
    source: page("openai/gpt-5.1", "6fefc0acd5f42b1112d3e5dd57b42823e68b2ce68cad753eed05d24a96e2d35b"),
    fields: { ...talkingGpt, reasoning_effort: effort("none", "low", "medium", "high"), verbosity },
  },
  "openai/gpt-5.6-terra": {
    source: page("openai/gpt-5.6-terra", "7edfb1b2268f1e5afb1e25902bf2df351f3e8e726dda36b625dc7e4e48d59b07"),
    fields: { ...talkingGpt, reasoning_effort: effort("none", "low", "medium", "high", "xhigh"), verbosity },
  },
  "google/gemini-2.5-flash": {
    source: "https://replicate.com/google/gemini-2.5-flash/llms.txt",
    fields: {
      ...{ prompt: string, system_instruction: string, images: strings, videos: strings },
      temperature: { ...number, minimum: 0, maximum: 2 },
      ...{ top_p: number, max_output_tokens: integer, thinking_budget: integer, dynamic_thinking: boolean },
    },
  },
};

/** What is wrong with a request for a model whose schema is known; nothing for any other. */
export function violations(model: string, body: JsonObject): string[] {
  const { version: _, input, ...others } = body;
  const found = Object.keys(others).map((name) => `${name} is no member of a prediction`);
  if (!isObject(input)) return [...found, "input is missing"];
  if (input["prompt"] === undefined && input["messages"] === undefined) found.push("nothing is said");
  const schema = schemas[model];
  if (schema === undefined) return found;
  for (const [name, value] of Object.entries(input)) {
    const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
    const wrong = field === undefined ? "is not in the schema" : faultOf(field, value);
    if (wrong !== undefined) found.push(`input.${name} ${wrong}`);
  }
  return found;
}

function faultOf({ type, minimum, maximum, values }: Field, value: JsonValue): string | undefined {
  if (!isOfType(type, value)) return `is no ${type}`;
  if (typeof value === "number" && (value < (minimum ?? value) || value > (maximum ?? value)))
    return `is not from ${minimum ?? "anywhere"} to ${maximum ?? "anywhere"}`;
  if (values !== undefined && !values.includes(String(value))) return `is none of ${values.join(", ")}`;
  return undefined;
}

function isOfType(type: Field["type"], value: JsonValue): boolean {
  switch (type) {
    case "strings":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "objects":
      return Array.isArray(value) && value.every(isObject);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
