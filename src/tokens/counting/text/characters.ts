/**
 * Characters by the classes that the encodings' patterns tell apart. A class is looked up in a table that fills as
 * characters are met: most texts need a few hundred of Unicode's million.
 */

/** Beyond the text. */
export const END = 0;
/** `\p{Lu}`, `\p{Lt}` */
export const UPPER = 1;
/** `\p{Ll}` */
export const LOWER = 2;
/** `\p{Lm}`, `\p{Lo}`: letters without case. */
export const LETTER = 3;
/** `\p{M}` */
export const MARK = 4;
/** `\p{N}` */
export const NUMBER = 5;
/** `\s` but for line breaks. */
export const SPACE = 6;
/** Carriage return and line feed. */
export const BREAK = 7;
/** The rest: punctuation, symbols, controls, what is not assigned. */
export const OTHER = 8;

const kinds = new Uint8Array(0x11_0000);

/**
 * Class and width of the character at a place in UTF-8 text: `kindOf` and `widthOf` take them apart. One number, since
 * this runs for every character.
 *
 * @param bytes well-formed UTF-8, as `Buffer.from` makes it
 * @param index where a character begins, or the end
 */
export function characterAt(bytes: Uint8Array, index: number): number {
  const first = bytes[index];
  if (first === undefined) return END;
  if (first < 0x80) return 0x10 | (kinds[first] || classified(first));
  let point: number;
  let width: number;
  if (first < 0xe0) {
    width = 2;
    point = ((first & 0x1f) << 6) | tail(bytes, index + 1);
  } else if (first < 0xf0) {
    width = 3;
    point = ((first & 0x0f) << 12) | (tail(bytes, index + 1) << 6) | tail(bytes, index + 2);
  } else {
    width = 4;
    const high = ((first & 0x07) << 18) | (tail(bytes, index + 1) << 12);
    point = high | (tail(bytes, index + 2) << 6) | tail(bytes, index + 3);
  }
  return (width << 4) | (kinds[point] || classified(point));
}

/** Of what `characterAt` gave. */
export const kindOf = (character: number): number => character & 0x0f;
/** Bytes. Of what `characterAt` gave. */
export const widthOf = (character: number): number => character >> 4;

function tail(bytes: Uint8Array, index: number): number {
  return (bytes[index] ?? 0) & 0x3f;
}

function classified(point: number): number {
  const kind = kindOfPoint(point);
  kinds[point] = kind;
  return kind;
}

function kindOfPoint(point: number): number {
  if (point === 0x0a || point === 0x0d) return BREAK;
  const character = String.fromCodePoint(point);
  // Not `\s`: that of JavaScript leaves out U+0085 and has U+FEFF, the patterns' (Rust's) is this.
  if (/\p{White_Space}/u.test(character)) return SPACE;
  if (/[\p{Lu}\p{Lt}]/u.test(character)) return UPPER;
  if (/\p{Ll}/u.test(character)) return LOWER;
  if (/[\p{Lm}\p{Lo}]/u.test(character)) return LETTER;
  if (/\p{M}/u.test(character)) return MARK;
  if (/\p{N}/u.test(character)) return NUMBER;
  return OTHER;
}
