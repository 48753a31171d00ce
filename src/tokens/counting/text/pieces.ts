/**
 * The pieces that text is cut into before anything is merged; no token reaches across two. The encodings publish a
 * regular expression for it (`pat_str` beside their ranks). These functions find what it would match, in one pass:
 * run as an expression it walks back over long runs, and V8's gives up on very long ones.
 *
 * o200k_base, alternatives in order:
 *   1. `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
 *   2. `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
 *   3. `\p{N}{1,3}`   4. ` ?[^\s\p{L}\p{N}]+[\r\n/]*`   5. `\s*[\r\n]+`   6. `\s+(?!\S)`   7. `\s+`
 * cl100k_base:
 *   1. `(?i:'s|'t|'re|'ve|'m|'ll|'d)`   2. `[^\r\n\p{L}\p{N}]?\p{L}+`   3. `\p{N}{1,3}`
 *   4. ` ?[^\s\p{L}\p{N}]+[\r\n]*`   5. to 7. as above
 */
import {
  BREAK,
  characterAt,
  END,
  kindOf,
  LETTER,
  LOWER,
  MARK,
  NUMBER,
  OTHER,
  SPACE,
  UPPER,
  widthOf,
} from "./characters.ts";

/** Where the piece that begins at `start` ends. Every text is pieces from its first to its last byte. */
export type PieceEnd = (bytes: Uint8Array, start: number) => number;

const blank = 0x20;
const apostrophe = 0x27;
const slash = 0x2f;

const isLetter = (kind: number): boolean => kind === LOWER || kind === UPPER || kind === LETTER;
/** `[^\s\p{L}\p{N}]` */
const isSign = (kind: number): boolean => kind === OTHER || kind === MARK;

export function o200kPieceEnd(bytes: Uint8Array, start: number): number {
  const first = characterAt(bytes, start);
  const kind = kindOf(first);
  if (isLetter(kind)) return contractionEnd(bytes, Math.abs(wordEnd(bytes, start)));
  if (kind === NUMBER) return numberEnd(bytes, start);
  const second = start + widthOf(first);
  if (kind !== BREAK) {
    const next = kindOf(characterAt(bytes, second));
    if (isLetter(next) || next === MARK) {
      const end = wordEnd(bytes, second);
      if (end > 0) return contractionEnd(bytes, end);
      // A mark is a word by itself, and alternative 1 comes before the capitals of alternative 2.
      return contractionEnd(bytes, kind === MARK ? second : -end);
    }
    if (kind === MARK) return contractionEnd(bytes, second);
  }
  if (beginsSigns(bytes, start, kind)) return signsEnd(bytes, start, true);
  return spaceEnd(bytes, start);
}

export function cl100kPieceEnd(bytes: Uint8Array, start: number): number {
  const contraction = contractionEnd(bytes, start);
  if (contraction > start) return contraction;
  const first = characterAt(bytes, start);
  const kind = kindOf(first);
  if (isLetter(kind)) return lettersEnd(bytes, start);
  if (kind === NUMBER) return numberEnd(bytes, start);
  const second = start + widthOf(first);
  if (kind !== BREAK && isLetter(kindOf(characterAt(bytes, second)))) return lettersEnd(bytes, second);
  if (beginsSigns(bytes, start, kind)) return signsEnd(bytes, start, false);
  return spaceEnd(bytes, start);
}

/**
 * The end of a word as alternatives 1 and 2 of o200k_base see it, without what may stand before. Negative when
 * only alternative 2 matches: capitals alone.
 */
function wordEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  // Behind the last letter without case, or mark: what alternative 1 walks back to.
  let fallback = 0;
  for (;;) {
    const character = characterAt(bytes, end);
    const kind = kindOf(character);
    if (kind !== UPPER && kind !== LETTER && kind !== MARK) {
      if (kind === LOWER) break;
      return fallback > 0 ? fallback : -end;
    }
    end += widthOf(character);
    if (kind !== UPPER) fallback = end;
  }
  for (;;) {
    const character = characterAt(bytes, end);
    const kind = kindOf(character);
    if (kind !== LOWER && kind !== LETTER && kind !== MARK) return end;
    end += widthOf(character);
  }
}

function lettersEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  for (;;) {
    const character = characterAt(bytes, end);
    if (!isLetter(kindOf(character))) return end;
    end += widthOf(character);
  }
}

function numberEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  for (let digits = 0; digits < 3; digits++) {
    const character = characterAt(bytes, end);
    if (kindOf(character) !== NUMBER) break;
    end += widthOf(character);
  }
  return end;
}

function beginsSigns(bytes: Uint8Array, start: number, kind: number): boolean {
  return isSign(kind) || (bytes[start] === blank && isSign(kindOf(characterAt(bytes, start + 1))));
}

function signsEnd(bytes: Uint8Array, start: number, withSlashes: boolean): number {
  let end = bytes[start] === blank ? start + 1 : start;
  for (;;) {
    const character = characterAt(bytes, end);
    if (!isSign(kindOf(character))) break;
    end += widthOf(character);
  }
  for (;;) {
    const byte = bytes[end];
    if (byte !== 0x0a && byte !== 0x0d && !(withSlashes && byte === slash)) return end;
    end++;
  }
}

/** White space up to its last line break; without one, all but the last, which belongs to the word behind it. */
function spaceEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  let last = start;
  let behindBreak = 0;
  for (;;) {
    const character = characterAt(bytes, end);
    const kind = kindOf(character);
    if (kind !== SPACE && kind !== BREAK) {
      if (behindBreak > 0) return behindBreak;
      return kind === END || last === start ? end : last;
    }
    last = end;
    end += widthOf(character);
    if (kind === BREAK) behindBreak = end;
  }
}

/** Behind `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` in any case if one begins here; `start` itself if none. */
function contractionEnd(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== apostrophe) return start;
  switch (lowered(bytes, start + 1)) {
    case "s":
    case "t":
    case "m":
    case "d":
      return start + 2;
    case "r":
    case "v":
      return lowered(bytes, start + 2) === "e" ? start + 3 : start;
    case "l":
      return lowered(bytes, start + 2) === "l" ? start + 3 : start;
    default:
      // The long s (ſ, U+017F) is an s to a pattern that knows no case.
      return bytes[start + 1] === 0xc5 && bytes[start + 2] === 0xbf ? start + 3 : start;
  }
}

function lowered(bytes: Uint8Array, index: number): string {
  const byte = bytes[index];
  return byte === undefined || byte > 0x7f ? "" : String.fromCharCode(byte).toLowerCase();
}
