/** What can be asked beside the conversation itself: parameters, tools, forms of the answer. */
import fc from "fast-check";
import type {
  ConversationRequest,
  OutputFormat,
  ReasoningRequest,
  Tool,
} from "../../../src/conversation/request.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { Judged } from "./judged.ts";

const node: JsonObject = { type: "object", properties: { next: { $ref: "#/$defs/node" } } };
/** Roots that are no object, unions, recursion, lists of types: what tools in the wild declare. */
const schemas: readonly JsonObject[] = [
  {},
  { type: "object" },
  {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
  {
    type: "object",
    properties: { city: { type: ["string", "null"] }, when: { type: "string", format: "uri" } },
  },
  { type: "object", properties: { at: { anyOf: [{ type: "string" }, { type: "null" }] } } },
  { type: "object", properties: { tags: { type: "object", additionalProperties: { type: "string" } } } },
  {
    type: "object",
    properties: { kind: { enum: ["a", "b", null] }, n: { const: 1 }, pair: { type: "array" } },
  },
  { $ref: "#/$defs/node", $defs: { node } },
  { ...node, $defs: { node } },
  { anyOf: [{ type: "object", properties: { a: { type: "integer" } } }, { type: "object" }] },
  { oneOf: [{ type: "object" }], $schema: "https://json-schema.org/draft/2020-12/schema" },
  { properties: { a: true, b: { not: {} } } },
];

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

export type Settings = Omit<
  ConversationRequest,
  | ("model" | "turns" | "tools" | "foreignTools" | "toolChoice" | "stop" | "stream")
  | ("includeUsage" | "extra" | "dialect" | "paths")
>;

export const settings: fc.Arbitrary<Settings> = fc.record(
  {
    maxOutputTokens: fc.constantFrom(1, 500, 20_000),
    temperature: fc.constantFrom(0, 0.5, 1, 2),
    topP: fc.constantFrom(0.5, 1),
    topK: fc.constant(20),
    seed: fc.constantFrom(7, 2 ** 40),
    candidates: fc.constantFrom(1, 2, 9),
    logprobs: fc.boolean(),
    topLogprobs: fc.constantFrom(0, 5, 20),
    frequencyPenalty: fc.constant(0.5),
    presencePenalty: fc.constant(-0.5),
    parallelToolCalls: fc.boolean(),
    user: fc.constantFrom("u-1", "ann@example.com"),
    reasoning: fc.oneof(
      fc.constant<ReasoningRequest>({ enabled: false }),
      fc.constantFrom(...efforts).map((effort): ReasoningRequest => ({ enabled: effort !== "none", effort })),
      fc.constantFrom(1, 1024, 50_000).map((budget): ReasoningRequest => ({ enabled: true, budget })),
    ),
    output: fc.oneof(
      fc.constantFrom<OutputFormat[]>({ kind: "text" }, { kind: "json" }),
      fc.record(
        {
          kind: fc.constant("json-schema" as const),
          schema: fc.constantFrom(...schemas),
          name: fc.constant("place"),
          description: fc.constant("Where"),
          strict: fc.boolean(),
        },
        { requiredKeys: ["kind", "schema"] },
      ),
    ),
  },
  { requiredKeys: [] },
);

export const callNames = fc.constantFrom("weather", "get-time", "a".repeat(64));

export const tools: fc.Arbitrary<Tool[]> = fc.uniqueArray(
  fc.record(
    {
      name: callNames,
      description: fc.constantFrom("Tells it", ""),
      parameters: fc.constantFrom(...schemas),
      strict: fc.boolean(),
      cache: fc.constant({}),
      at: fc.constant("tools[0]"),
    },
    { requiredKeys: ["name", "at"] },
  ),
  { maxLength: 3, selector: ({ name }) => name },
);

const openAiTiers = ["auto", "default", "flex", "priority", "scale"];
/** Each provider's own. */
export const tiers: Readonly<Record<Judged, readonly string[]>> = {
  "openai-chat": openAiTiers,
  "openai-responses": openAiTiers,
  anthropic: ["auto", "standard_only"],
  gemini: ["standard", "flex", "priority"],
  "bedrock-converse": [],
};
