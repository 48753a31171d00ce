/**
 * What an image costs by its size, as the providers document it:
 * https://developers.openai.com/api/docs/guides/images-vision#calculating-costs,
 * https://platform.claude.com/docs/en/build-with-claude/vision#evaluate-image-size and `…/vision-coordinates`,
 * https://ai.google.dev/gemini-api/docs/tokens, https://ai.google.dev/gemini-api/docs/media-resolution
 */
import type { ImagePart } from "../../../conversation/parts.ts";
import type { ImageSize } from "./image-size.ts";

/** Pixels of the longer side, and patches, that an image is scaled down to. */
export interface PatchLimit {
  readonly edge: number;
  readonly patches: number;
}

export type Detail = NonNullable<ImagePart["detail"]>;

export type ImageRule =
  /** OpenAI's older models: squares of 512 pixels. */
  | { readonly kind: "tiles"; readonly base: number; readonly tile: number }
  /** OpenAI's newer ones: squares of 32 pixels, each worth `multiplier` tokens. */
  | {
      readonly kind: "patches";
      readonly multiplier: number;
      readonly limits: Readonly<Record<Detail, PatchLimit>>;
    }
  /** Claude: squares of 28 pixels. */
  | { readonly kind: "claude"; readonly limit: PatchLimit }
  /** Gemini up to 2.5: squares of 768 pixels, 258 tokens each. */
  | { readonly kind: "gemini-tiles" }
  /** Gemini from 3 on: all the same. */
  | { readonly kind: "flat"; readonly tokens: number };

/** What the providers' own examples begin with; for images whose size is not in the request. */
const exampleSize: ImageSize = { width: 1024, height: 1024 };

/** @param size undefined when it is not known */
export function imageTokens(rule: ImageRule, size: ImageSize = exampleSize, detail: Detail = "auto"): number {
  switch (rule.kind) {
    case "tiles":
      return detail === "low" ? rule.base : rule.base + rule.tile * openaiTiles(size);
    case "patches": {
      const limit = rule.limits[detail];
      // What is a whole number in decimals must not become one more in binary.
      const tokens = openaiPatches(size, limit) * rule.multiplier;
      return Math.ceil(tokens - 1e-6);
    }
    case "claude":
      return claudePatches(size, rule.limit);
    case "gemini-tiles":
      return 258 * (Math.max(size.width, size.height) <= 384 ? 1 : squares(size, 768));
    case "flat":
      return rule.tokens;
    default:
      return rule satisfies never;
  }
}

function squares({ width, height }: ImageSize, side: number): number {
  return Math.ceil(width / side) * Math.ceil(height / side);
}

function openaiTiles(size: ImageSize): number {
  const fitting = scaled(size, Math.min(1, 2048 / Math.max(size.width, size.height)));
  return squares(scaled(fitting, Math.min(1, 768 / Math.min(fitting.width, fitting.height))), 512);
}

function openaiPatches(size: ImageSize, { edge, patches }: PatchLimit): number {
  const fitting = scaled(size, Math.min(1, edge / Math.max(size.width, size.height)), Math.round);
  if (squares(fitting, 32) <= patches) return squares(fitting, 32);
  const shrink = Math.sqrt((32 * 32 * patches) / (fitting.width * fitting.height));
  // Down to whole patches along the side that loses most by it.
  const whole = (side: number) => Math.floor((side * shrink) / 32) / ((side * shrink) / 32);
  const adjusted = shrink * Math.min(whole(fitting.width), whole(fitting.height));
  // An image of a few pixels by thousands loses a side altogether: it has as many patches as are allowed, at most.
  if (adjusted <= 0) return patches;
  return Math.min(patches, squares(scaled(fitting, adjusted), 32));
}

function scaled(size: ImageSize, by: number, rounded: (side: number) => number = Math.floor): ImageSize {
  if (by === 1) return size;
  // A product that should be whole may lie a little below it.
  const side = (length: number) => Math.max(1, rounded(length * by + 1e-9));
  return { width: side(size.width), height: side(size.height) };
}

/** Of the largest image of the same shape that is within the limit. */
function claudePatches(size: ImageSize, { edge, patches }: PatchLimit): number {
  const long = Math.max(size.width, size.height);
  const short = Math.min(size.width, size.height);
  const cost = (side: number) =>
    squares({ width: side, height: Math.max(1, toEven((side * short) / long)) }, 28);
  const fits = (side: number) => Math.ceil(side / 28) * 28 <= edge && cost(side) <= patches;
  if (fits(long)) return cost(long);
  let within = 1;
  let beyond = long;
  while (within + 1 < beyond) {
    const middle = Math.floor((within + beyond) / 2);
    if (fits(middle)) within = middle;
    else beyond = middle;
  }
  return cost(within);
}

/** Halves to the even neighbour, as Anthropic's service rounds. */
function toEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
