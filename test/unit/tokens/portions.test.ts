import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noUsage, type Usage } from "../../../src/conversation/usage.ts";
import { type Portions, portionsOf } from "../../../src/tokens/portions.ts";

const nothing: Portions = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  audioInput: 0,
  audioCacheRead: 0,
  imageInput: 0,
  imageCacheRead: 0,
  output: 0,
  reasoning: 0,
  audioOutput: 0,
  imageOutput: 0,
};

const cases: readonly (readonly [title: string, usage: Partial<Usage>, portions: Partial<Portions>])[] = [
  ["plain text", { input: 10, output: 5 }, { input: 10, output: 5 }],
  [
    "cached tokens are part of the input, reasoning part of the output",
    { input: 100, cacheRead: 60, cacheWrite: 30, cacheWriteHour: 10, output: 50, reasoning: 40 },
    { input: 10, cacheRead: 60, cacheWrite: 20, cacheWriteHour: 10, output: 10, reasoning: 40 },
  ],
  [
    "audio is taken from the fresh tokens first",
    { input: 100, cacheRead: 60, audioInput: 30 },
    { input: 10, cacheRead: 60, audioInput: 30 },
  ],
  [
    "audio beyond the fresh tokens was cached",
    { input: 100, cacheRead: 60, audioInput: 55 },
    { cacheRead: 45, audioInput: 40, audioCacheRead: 15 },
  ],
  [
    "audio and reasoning share the output",
    { output: 100, audioOutput: 70, reasoning: 20 },
    { output: 10, audioOutput: 70, reasoning: 20 },
  ],
  [
    "images are taken from the fresh tokens that are no audio, then from the cached ones",
    { input: 100, cacheRead: 60, audioInput: 30, imageInput: 25 },
    { cacheRead: 45, audioInput: 30, imageInput: 10, imageCacheRead: 15 },
  ],
  [
    "images, audio and reasoning share the output",
    { output: 100, audioOutput: 30, imageOutput: 60, reasoning: 20 },
    { audioOutput: 30, imageOutput: 60, reasoning: 10 },
  ],
  [
    "parts never exceed their whole",
    { input: 10, cacheRead: 50, cacheWrite: 50, output: 5, reasoning: 9 },
    { cacheRead: 10, reasoning: 5 },
  ],
  ["nonsense counts are nothing", { input: Number.NaN, output: -3, cacheRead: 1.5 }, {}],
];

describe("portionsOf", () => {
  it.each(cases)("%s", (_title, usage, portions) => {
    expect(portionsOf({ ...noUsage, ...usage })).toEqual({ ...nothing, ...portions });
  });

  it("counts every token exactly once, whatever a provider reports", () => {
    const tokens = fc.oneof(fc.nat(10_000), fc.constantFrom(-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER));
    const usages = fc.record({
      input: fc.nat(10_000),
      output: fc.nat(10_000),
      cacheRead: tokens,
      cacheWrite: tokens,
      cacheWriteHour: tokens,
      reasoning: tokens,
      audioInput: tokens,
      audioOutput: tokens,
      imageInput: tokens,
      imageOutput: tokens,
      estimated: fc.boolean(),
    });
    fc.assert(
      fc.property(usages, (usage) => {
        const portions = portionsOf(usage);
        for (const count of Object.values(portions)) {
          expect(Number.isSafeInteger(count)).toBe(true);
          expect(count).toBeGreaterThanOrEqual(0);
        }
        const { output, reasoning, audioOutput, imageOutput, ...inputs } = portions;
        expect(output + reasoning + audioOutput + imageOutput).toBe(usage.output);
        expect(Object.values(inputs).reduce((sum, count) => sum + count, 0)).toBe(usage.input);
      }),
    );
  });
});
