import { describe, expect, it } from "vitest";
import { type Detail, imageTokens } from "../../../../src/tokens/counting/media/image-tokens.ts";
import { mediaRatesOf } from "../../../../src/tokens/counting/media/media-rates.ts";

const cost = (model: string, width: number, height: number, detail?: Detail) =>
  imageTokens(mediaRatesOf(model).image, { width, height }, detail);

// Examples and limits of https://developers.openai.com/api/docs/guides/images-vision; editions before and after the
// models of 2026 (their examples differ, their rules agree).
describe("OpenAI", () => {
  it.each<[string, number, number, Detail | undefined, number]>([
    // "A 1024 x 1024 square image in high costs 765 tokens", "2048 x 4096 … 1105", "4096 x 8192 in low costs 85".
    ["gpt-4o", 1024, 1024, "high", 765],
    ["gpt-4o", 2048, 4096, "high", 1105],
    ["gpt-4o", 4096, 8192, "low", 85],
    ["gpt-4o", 512, 512, undefined, 255],
    ["gpt-4o", 1920, 1080, undefined, 1105],
    ["gpt-4.1", 1024, 1024, undefined, 765],
    ["gpt-4o-mini", 1024, 1024, "high", 2833 + 4 * 5667],
    ["gpt-5", 1024, 1024, "high", 70 + 4 * 140],
    ["gpt-5.1-2025-11-13", 1024, 1024, "low", 70],
    ["o3", 1024, 1024, "high", 75 + 4 * 150],
    // "1024 × 1024 … ceil(1024 × 1.2) = 1229", "2048 × 2048 … 1600 × 1600 … 3000".
    ["gpt-5.4", 1024, 1024, "high", 1229],
    ["gpt-5.4", 2048, 2048, "high", 3000],
    ["gpt-5.4", 2048, 2048, "auto", 3000],
    ["gpt-5.4-mini", 2048, 2048, "low", Math.ceil(4096 * 1.2)],
    ["gpt-5.5", 2048, 2048, "auto", Math.ceil(4096 * 1.2)],
    ["gpt-5.5", 2048, 2048, "low", Math.ceil(256 * 1.2)],
    ["gpt-5.6-sol", 4032, 3024, "auto", Math.ceil(126 * 95 * 1.2)],
    ["gpt-6-astra", 2048, 2048, "high", 3000],
    // "A 1800 x 2400 image is 1452 tokens" before the multiplier, where 1,536 patches are allowed.
    ["o4-mini", 1800, 2400, undefined, Math.ceil(1452 * 1.72)],
    ["gpt-4.1-nano", 1024, 1024, undefined, Math.ceil(1024 * 2.46)],
    ["gpt-4.1-mini", 1024, 1024, undefined, Math.ceil(1024 * 1.62)],
  ])("%s, %d × %d, detail %s: %d", (model, width, height, detail, tokens) => {
    expect(cost(model, width, height, detail)).toBe(tokens);
  });

  it("takes images of any shape, and the least of them cost something", () => {
    for (const model of ["gpt-4o", "gpt-5.4", "o4-mini", "claude-opus-4-8", "gemini-2.5-pro"]) {
      for (const [width, height] of [
        [1, 1],
        [1, 4_294_967_295],
        [4_294_967_295, 1],
        [65_535, 65_535],
        [33, 100_000],
      ] as const) {
        const tokens = cost(model, width, height);
        expect(tokens).toBeGreaterThan(0);
        expect(Number.isSafeInteger(tokens)).toBe(true);
      }
    }
    expect(cost("gpt-5.4", 1, 1, "high")).toBe(2);
  });
});

// The table of https://platform.claude.com/docs/en/build-with-claude/vision and the page that `vision-coordinates`
// works through.
describe("Claude", () => {
  it.each([
    [200, 200, 64, 64],
    [1000, 1000, 1296, 1296],
    [1092, 1092, 1521, 1521],
    [1920, 1080, 1560, 2691],
    [1080, 1920, 1560, 2691],
    [2000, 1500, 1564, 3888],
    [3840, 2160, 1560, 4784],
    [1075, 1520, 33 * 47, 39 * 55],
  ])("%d × %d: %d before 4.7, %d from then on", (width, height, earlier, later) => {
    expect(cost("claude-sonnet-4-6", width, height)).toBe(earlier);
    expect(cost("claude-opus-4-7", width, height)).toBe(later);
  });
});

describe("Gemini", () => {
  // https://ai.google.dev/gemini-api/docs/tokens
  it.each([
    [384, 384, 258],
    [385, 100, 258],
    [769, 768, 516],
    [1600, 1600, 9 * 258],
  ])("2.5: %d × %d: %d", (width, height, tokens) => {
    expect(cost("gemini-2.5-flash", width, height)).toBe(tokens);
  });

  // https://ai.google.dev/gemini-api/docs/media-resolution
  it("3 and later: all alike", () => {
    expect(cost("models/gemini-3-pro-preview", 4000, 3000)).toBe(1120);
    expect(mediaRatesOf("gemini-flash-latest")).toMatchObject({ page: 560, second: 25 });
    expect(mediaRatesOf("gemini-2.0-flash")).toMatchObject({ page: 258, second: 32 });
  });
});

it("an image whose size is not known counts as one of 1024 × 1024", () => {
  expect(imageTokens(mediaRatesOf("gpt-4o").image)).toBe(765);
});
