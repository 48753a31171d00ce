import { describe, expect, it } from "vitest";
import { type ModelTraits, modelTraits } from "../../../../src/dialects/anthropic/model-traits.ts";
import { encodeSchema } from "../../../../src/dialects/anthropic/schema.ts";
import type { JsonObject } from "../../../../src/json/types.ts";

describe("models", () => {
  const newest: Partial<ModelTraits> = {
    thinking: "adaptive",
    sampling: "none",
    prefill: false,
    thinksByDefault: true,
  };
  const table: [string, Partial<ModelTraits>][] = [
    ["claude-2.1", { thinking: "none", maxOutputTokens: 4096, sampling: "all", structuredOutput: false }],
    ["claude-3-opus-20240229", { thinking: "none", maxOutputTokens: 4096 }],
    ["claude-3-5-sonnet-20241022", { thinking: "none", maxOutputTokens: 8192 }],
    ["claude-3-7-sonnet-latest", { thinking: "budget", maxOutputTokens: 64_000 }],
    ["claude-sonnet-4-20250514", { thinking: "budget", sampling: "all", structuredOutput: false }],
    ["claude-opus-4-1-20250805", { thinking: "budget", sampling: "exclusive", structuredOutput: true }],
    ["claude-haiku-4-5", { thinking: "budget", efforts: [], prefill: true, structuredOutput: true }],
    ["claude-opus-4-5-20251101", { thinking: "budget", efforts: ["low", "medium", "high"] }],
    ["anthropic/claude-sonnet-4.6", { thinking: "either", prefill: false, sampling: "exclusive" }],
    ["us.anthropic.claude-opus-4-7-v1:0", { ...newest, thinksByDefault: false, systemTurns: false }],
    ["claude-opus-4-8", { systemTurns: true, thinksByDefault: false }],
    ["claude-sonnet-5", { ...newest, systemTurns: false }],
    ["claude-haiku-5-5", { ...newest, systemTurns: true }],
    ["claude-fable-5", { ...newest, alwaysThinks: true, forcedTools: true }],
    ["claude-fable-5-2", { alwaysThinks: true, forcedTools: false }],
    ["claude-something-9", newest],
    ["kimi-k2", { thinking: "budget", sampling: "all", prefill: true, maxOutputTokens: undefined as never }],
  ];
  it.each(table)("%s", (model, expected) => {
    expect(modelTraits(model)).toMatchObject(expected);
    expect(modelTraits(model)).toBe(modelTraits(model));
  });

  it("are not remembered without end", () => {
    for (let i = 0; i < 1000; i++) modelTraits(`claude-opus-5-${i}x`);
    expect(modelTraits("claude-opus-5")).toMatchObject(newest);
  });
});

describe("schemas for structured output", () => {
  const table: [string, JsonObject, JsonObject, boolean][] = [
    [
      "closed already",
      { type: "object", properties: {}, additionalProperties: false },
      { type: "object", properties: {}, additionalProperties: false },
      false,
    ],
    [
      "open",
      { type: "object", additionalProperties: true },
      { type: "object", additionalProperties: false },
      true,
    ],
    [
      "nullable object",
      { type: ["object", "null"] },
      { type: ["object", "null"], additionalProperties: false },
      true,
    ],
    ["a name of the dialect", { $schema: "x", type: "string" }, { type: "string" }, false],
    ["known format", { type: "string", format: "uuid" }, { type: "string", format: "uuid" }, false],
    [
      "unknown format",
      { type: "string", format: "x" },
      { type: "string", description: '{format: "x"}' },
      true,
    ],
    [
      "length",
      { type: "string", maxLength: 3, description: "A." },
      { type: "string", description: "A.\n\n{maxLength: 3}" },
      true,
    ],
    [
      "small list",
      { type: "array", items: { type: "string" }, minItems: 1 },
      { type: "array", items: { type: "string" }, minItems: 1 },
      false,
    ],
    ["long list", { type: "array", minItems: 2 }, { type: "array", description: "{minItems: 2}" }, true],
    [
      "one of",
      { oneOf: [{ type: "string" }, { type: "null" }] },
      { anyOf: [{ type: "string" }, { type: "null" }] },
      true,
    ],
    [
      "references",
      { $ref: "#/$defs/a", $defs: { a: { type: "object" } } },
      { $ref: "#/$defs/a", $defs: { a: { type: "object", additionalProperties: false } } },
      true,
    ],
    [
      "a property named like a keyword",
      { type: "object", properties: { maxLength: { type: "integer" } }, additionalProperties: false },
      { type: "object", properties: { maxLength: { type: "integer" } }, additionalProperties: false },
      false,
    ],
  ];
  it.each(table)("%s", (_, schema, expected, changed) => {
    expect(encodeSchema(schema)).toEqual({ schema: expected, changed });
  });
});
