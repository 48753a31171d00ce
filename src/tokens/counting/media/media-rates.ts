/**
 * What images, pages and seconds of sound cost each model. A row for each family; the first whose names match counts.
 *
 * Sources: as in `image-tokens.ts`, and for sound https://developers.openai.com/api/docs/guides/realtime-costs (a token
 * for 100 ms) and Google's media resolution page (25 a second for Gemini 3, 32 before; 560 and 258 a page).
 */
import { isEarlierClaude } from "../claude-generation.ts";
import { type ImageRule, imageTokens, type PatchLimit } from "./image-tokens.ts";

export interface MediaRates {
  readonly image: ImageRule;
  /** Tokens of a page of a PDF. */
  readonly page: number;
  /** Tokens of a second of sound. */
  readonly second: number;
}

const limit = (edge: number, patches: number): PatchLimit => ({ edge, patches });

function tiles(base: number, tile: number): ImageRule {
  return { kind: "tiles", base, tile };
}

function patches(multiplier: number, low: PatchLimit, high: PatchLimit, auto: PatchLimit): ImageRule {
  return { kind: "patches", multiplier, limits: { low, high, auto } };
}

/** The deprecated models, whose limit earlier editions of the guide give. */
const small = limit(2048, 1_536);
const wide = limit(2048, 6_144);
const high = limit(2048, 2_500);
const thumbnail = limit(512, 2_500);
/** `original`, which is what `auto` means there. A request with more patches is refused. */
const original = limit(65_535, 30_000);

const earlierClaude: ImageRule = { kind: "claude", limit: limit(1_568, 1_568) };
const claude: ImageRule = { kind: "claude", limit: limit(2_576, 4_784) };

const earlierGemini: MediaRates = { image: { kind: "gemini-tiles" }, page: 258, second: 32 };
const gemini: MediaRates = { image: { kind: "flat", tokens: 1_120 }, page: 560, second: 25 };

/** OpenAI's. */
const images: ReadonlyArray<readonly [names: RegExp, rule: ImageRule]> = [
  [/gpt-4o-mini/, tiles(2_833, 5_667)],
  [/gpt-4\.1-mini/, patches(1.62, wide, wide, wide)],
  [/gpt-4\.1-nano/, patches(2.46, small, small, small)],
  [/o4-mini/, patches(1.72, small, small, small)],
  [/gpt-5-mini/, patches(1.2, small, small, small)],
  [/gpt-5-nano/, patches(1.5, small, small, small)],
  [/gpt-5(\.1)?(-|$)/, tiles(70, 140)],
  [/gpt-5\.[23]/, patches(1.2, wide, wide, wide)],
  [/gpt-5\.4/, patches(1.2, wide, high, high)],
  [/gpt-5\.5/, patches(1.2, thumbnail, high, limit(6_000, 10_000))],
  [/gpt-(5\.|[6-9])/, patches(1.2, thumbnail, high, original)],
  [/(^|[/.:])o[13](-|$)/, tiles(75, 150)],
  [/gpt/, tiles(85, 170)],
];

/** OpenAI's tiles, which vendors that say nothing are most like. */
const anyOther = tiles(85, 170);

/** How large providers draw a page is not published: US letter at 96 dots an inch. */
const drawnPage = { width: 816, height: 1_056 };
/** Anthropic: each page typically uses 1,500 to 3,000 tokens of text (`…/build-with-claude/pdf-support`). */
const textOfPage = 1_500;

/** @param model as the provider names it */
export function mediaRatesOf(model: string): MediaRates {
  const name = model.toLowerCase();
  if (name.includes("gemini")) return /gemini-[12]/.test(name) ? earlierGemini : gemini;
  const image = imageRuleOf(name);
  return { image, page: textOfPage + imageTokens(image, drawnPage, "high"), second: 10 };
}

function imageRuleOf(name: string): ImageRule {
  if (name.includes("claude")) return isEarlierClaude(name) ? earlierClaude : claude;
  return images.find(([names]) => names.test(name))?.[1] ?? anyOther;
}
