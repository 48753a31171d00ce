import { describe, expect, it } from "vitest";
import { noUsage, type Usage } from "../../../../src/conversation/usage.ts";
import { decodeUsage, encodeUsage } from "../../../../src/dialects/openai-chat/usage.ts";
import type { JsonValue } from "../../../../src/json/types.ts";

describe("decoding", () => {
  it.each<[name: string, usage: JsonValue | undefined, expected: Partial<Usage> | undefined]>([
    ["absent", undefined, undefined],
    ["null, as in every chunk but the last", null, undefined],
    ["without counts", {}, undefined],
    ["the two counts alone", { prompt_tokens: 3, completion_tokens: 2 }, { input: 3, output: 2 }],
    ["no output yet", { prompt_tokens: 3 }, { input: 3 }],
    [
      "OpenAI, where parts are included in the totals",
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30, audio_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 40, audio_tokens: 6 },
      },
      { input: 100, output: 50, cacheRead: 60, cacheWrite: 30, reasoning: 40, audioInput: 5, audioOutput: 6 },
    ],
    [
      "xAI, where reasoning is beside the output",
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 55,
        completion_tokens_details: { reasoning_tokens: 40 },
      },
      { input: 10, output: 45, reasoning: 40 },
    ],
    [
      "DeepSeek's cache",
      { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 8 },
      { input: 10, output: 5, cacheRead: 8 },
    ],
    ["nonsense", { prompt_tokens: -1, completion_tokens: 2.7, prompt_tokens_details: null }, { output: 2 }],
  ])("%s", (_name, usage, expected) => {
    expect(decodeUsage(usage)).toEqual(expected && { ...noUsage, ...expected });
  });
});

it("gives back what was read", () => {
  const usage = {
    ...noUsage,
    input: 9,
    output: 8,
    cacheRead: 3,
    cacheWrite: 2,
    reasoning: 4,
    audioInput: 1,
    audioOutput: 1,
  };
  expect(decodeUsage(encodeUsage(usage))).toEqual(usage);
  expect(encodeUsage(usage)).toMatchObject({ total_tokens: 17 });
});
