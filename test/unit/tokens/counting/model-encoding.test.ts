import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { encodingOf } from "../../../../src/tokens/counting/model-encoding.ts";

const published = createRequire(import.meta.url)("tiktoken/model_to_encoding.json") as Record<string, string>;
/** The others are of models that were shut down in 2024. */
const living = Object.entries(published).filter(([, encoding]) => /^(o200k|cl100k)/.test(encoding));

describe("OpenAI's models", () => {
  it.each(living)("%s has %s, as in tiktoken's own table", (model, encoding) => {
    expect(encodingOf(model)).toMatchObject({ encoding, published: true, factor: 1, toolPrompt: 0 });
  });

  // https://github.com/openai/tiktoken/blob/main/tiktoken/model.py, MODEL_PREFIX_TO_ENCODING, and how gateways,
  // clouds and fine-tuning name the same models.
  it.each([
    ["gpt-5.1", "o200k_base"],
    ["gpt-5.5-2026-04-23", "o200k_base"],
    ["gpt-5-codex", "o200k_base"],
    ["gpt-4.1-nano", "o200k_base"],
    ["gpt-oss-120b", "o200k_base"],
    ["openai.gpt-oss-20b-1:0", "o200k_base"],
    ["openai/gpt-4o", "o200k_base"],
    ["GPT-4o", "o200k_base"],
    ["ft:gpt-4o-mini-2024-07-18:acme::x", "o200k_base"],
    ["ft:gpt-3.5-turbo:acme", "cl100k_base"],
    ["gpt-4-turbo-2025-01-01", "cl100k_base"],
  ])("%s has %s", (model, encoding) => {
    expect(encodingOf(model)).toMatchObject({ encoding, published: true });
  });

  it.each([
    ["gpt-4o", true],
    ["gpt-4o-mini-2024-07-18", true],
    ["gpt-4-0613", true],
    ["gpt-3.5-turbo", true],
    ["gpt-4.1", false],
    ["gpt-5", false],
    ["o3", false],
    ["gpt-oss-20b", false],
  ])("what messages cost to %s is published: %s", (model, chat) => {
    expect(encodingOf(model).chat).toBe(chat);
  });
});

describe("other models are estimated with o200k_base", () => {
  const earlierClaude = 4 / 3.5;
  it.each([
    ["gpt-6-astra", 1],
    ["gpt-4omega", 1],
    ["my-gpt-4o-deployment", 1],
    ["solo1", 1],
    ["gemini-2.5-pro", 1],
    ["llama-3.3-70b", 1],
    ["", 1],
    ["claude-3-5-sonnet-20241022", earlierClaude],
    ["claude-instant-1.2", earlierClaude],
    ["anthropic.claude-v2:1", earlierClaude],
    ["claude-sonnet-4-20250514", earlierClaude],
    ["claude-opus-4-1@20250805", earlierClaude],
    ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", earlierClaude],
    ["anthropic/claude-opus-4.6", earlierClaude],
    ["claude-opus-4-7", earlierClaude * 1.3],
    ["claude-opus-4.8", earlierClaude * 1.3],
    ["claude-sonnet-5", earlierClaude * 1.3],
    ["claude-opus-5-5-20260801", earlierClaude * 1.3],
    ["claude-mythos-preview", earlierClaude * 1.3],
  ])("%s by a factor of %d", (model, factor) => {
    expect(encodingOf(model)).toMatchObject({
      encoding: "o200k_base",
      published: false,
      chat: false,
      factor,
    });
  });
});
