/**
 * Finds the members of a JSON object in its bytes, without parsing what is in them.
 *
 * Prompts are long strings, so most bytes are skipped by the native search for a quote. Short strings are
 * walked instead: a call into native code for each would let a body of nothing but quotes hold the event loop.
 */
import { InvalidRequestError } from "../conversation/error.ts";

/** Where a top-level member stands. Offsets in bytes; ends are exclusive. */
export interface MemberSpan {
  readonly name: string;
  /** The opening quote of the name. */
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** The members in the order they stand, duplicates included. */
export interface ObjectSpans {
  readonly members: readonly MemberSpan[];
  /** The byte after the opening brace. */
  readonly open: number;
}

/** Deepest nesting allowed, the root included. No API nests deeper; recursive parsers behind us could overflow. */
export const maxDepth = 512;
/** Most members the root may have, duplicates included. */
export const maxMembers = 4096;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const colon = 0x3a;
const comma = 0x2c;
/** Bytes of a string that are walked before the native search takes over. */
const walkBytes = 64;

/** @throws InvalidRequestError when the root is not an object or its structure is broken */
export function scanObject(bytes: Buffer): ObjectSpans {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== openBrace) throw malformed("the body must be a JSON object", at);
  const open = ++at;
  const members: MemberSpan[] = [];
  at = skipSpace(bytes, at);
  if (bytes[at] === closeBrace) at++;
  else at = scanMembers(bytes, at, members);
  if (skipSpace(bytes, at) !== bytes.length) throw malformed("text after the end of the JSON object", at);
  return { members, open };
}

/**
 * The items of the list that begins there; undefined when none does.
 *
 * @param bytes that `scanObject` has been through
 */
export function countItems(bytes: Buffer, start: number): number | undefined {
  if (bytes[start] !== openBracket) return undefined;
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === closeBracket) return 0;
  for (let items = 1; ; items++) {
    at = skipSpace(bytes, skipValue(bytes, at));
    if (bytes[at] === closeBracket) return items;
    if (bytes[at] !== comma) throw malformed("a comma or the closing bracket is expected", at);
    at = skipSpace(bytes, at + 1);
  }
}

/** Fills `members`; returns the index after the closing brace. */
function scanMembers(bytes: Buffer, start: number, members: MemberSpan[]): number {
  let at = start;
  for (;;) {
    if (bytes[at] !== quote) throw malformed("a member name in double quotes is expected", at);
    if (members.length === maxMembers) throw malformed(`more than ${maxMembers} members`, at);
    const keyStart = at;
    const keyEnd = skipString(bytes, at);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== colon) throw malformed("a colon is expected", at);
    const valueStart = skipSpace(bytes, at + 1);
    const valueEnd = skipValue(bytes, valueStart);
    members.push({ name: memberName(bytes, keyStart, keyEnd), keyStart, valueStart, valueEnd });
    at = skipSpace(bytes, valueEnd);
    if (bytes[at] === closeBrace) return at + 1;
    if (bytes[at] !== comma) throw malformed("a comma or the closing brace is expected", at);
    at = skipSpace(bytes, at + 1);
  }
}

/** A name may be spelled with escapes, and must not hide from us by it. */
function memberName(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start + 1, end - 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what JSON forbids here
  if (!/[\\\u0000-\u001f]/.test(text)) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    throw malformed("a member name is not a valid string", start);
  }
}

function skipValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === quote) return skipString(bytes, start);
  if (first === openBrace || first === openBracket) return skipNested(bytes, start);
  let at = start;
  while (isScalarByte(bytes[at])) at++;
  if (at === start) throw malformed("a value is expected", at);
  return at;
}

/** What a byte does to nesting, by its value: one look instead of five comparisons. */
const other = 0;
const quoting = 1;
const opening = 2;
const effects = new Uint8Array(256);
effects[quote] = quoting;
effects[openBrace] = opening;
effects[openBracket] = opening;
effects[closeBrace] = 3;
effects[closeBracket] = 3;

function skipNested(bytes: Buffer, start: number): number {
  const closers = new Uint8Array(maxDepth);
  const end = bytes.length;
  let depth = 1;
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    const effect = effects[byte];
    if (effect === other) {
      at++;
    } else if (effect === quoting) {
      at = skipString(bytes, at);
    } else if (effect === opening) {
      if (depth === maxDepth) throw malformed(`nested deeper than ${maxDepth} levels`, at);
      // In ASCII a closing bracket stands two after its opening one.
      closers[depth++] = byte + 2;
      at++;
    } else {
      if (closers[--depth] !== byte) throw malformed("a bracket does not match", at);
      at++;
      if (depth === 1) return at;
    }
  }
  throw malformed("the JSON text ends too early", at);
}

/** The index after the closing quote. Each byte is looked at once, or twice after the native search. */
function skipString(bytes: Buffer, start: number): number {
  let at = start + 1;
  for (;;) {
    const walkEnd = Math.min(at + walkBytes, bytes.length);
    while (at < walkEnd) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      at += byte === backslash ? 2 : 1;
    }
    const found = bytes.indexOf(quote, at);
    if (found < 0) throw malformed("a string is not closed", start);
    let escapes = found;
    while (escapes > at && bytes[escapes - 1] === backslash) escapes--;
    at = found + 1;
    if ((found - escapes) % 2 === 0) return at;
  }
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** Letters, digits and signs: what numbers and literals are made of. Whether they are right is for the parser. */
function isScalarByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}

function malformed(problem: string, at: number): InvalidRequestError {
  return new InvalidRequestError("", `The body is not valid JSON: ${problem} (byte ${at}).`);
}
