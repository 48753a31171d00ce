import { createRequire } from "node:module";
import fc from "fast-check";
import { get_encoding } from "tiktoken";
import { afterAll, describe, expect, it } from "vitest";
import { longestPiece } from "../../../../src/tokens/counting/text/merges.ts";
import { cl100kPieceEnd, o200kPieceEnd } from "../../../../src/tokens/counting/text/pieces.ts";
import { Tokenizer } from "../../../../src/tokens/counting/text/tokenizer.ts";
import { texts } from "./texts.ts";

const require = createRequire(import.meta.url);

// At import, where no timeout runs: four encodings take some seconds of a busy machine.
const encodings = [
  { name: "o200k_base", pieceEnd: o200kPieceEnd },
  { name: "cl100k_base", pieceEnd: cl100kPieceEnd },
] as const;
const ours = { o200k_base: new Tokenizer("o200k_base"), cl100k_base: new Tokenizer("cl100k_base") };
const theirs = { o200k_base: get_encoding("o200k_base"), cl100k_base: get_encoding("cl100k_base") };

afterAll(() => {
  for (const encoding of Object.values(theirs)) encoding.free();
});

/** Characters of every class, what contractions are made of, and the few with rules of their own. */
const alphabet = [..."aAéÉǅʰあ漢\u0301\u20DD1²٣ \t\n\r\u0085\u00A0\uFEFF'sStTrReEvVlLdDmM/!.,-_😀ſ\u2028"];
const odd = fc.oneof(
  fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 60 }),
  // Few kinds at once make long runs.
  fc
    .subarray(alphabet, { minLength: 2, maxLength: 4 })
    .chain((few) => fc.string({ unit: fc.constantFrom(...few), maxLength: 200 })),
  fc.string({ unit: "binary", maxLength: 40 }),
);

// Where others run beside, tiktoken takes its time.
describe.each(encodings)("$name", { timeout: 60_000 }, ({ name, pieceEnd }) => {
  const count = (text: string) => theirs[name].encode_ordinary(text).length;

  it.each(texts)("counts as tiktoken does: %s", (_name, text) => {
    expect(ours[name].count(text)).toEqual({ tokens: count(text), exact: true });
  });

  it("counts as tiktoken does: any text", () => {
    fc.assert(
      fc.property(odd, (text) => {
        expect(ours[name].count(text)).toEqual({ tokens: count(text), exact: true });
      }),
      { numRuns: 1_500 },
    );
  });

  it("counts as tiktoken does: every character of the first plane, in a word, behind a blank and doubled", () => {
    const wrong: string[] = [];
    // A block at a time, told apart only when it differs: tiktoken takes its time for each call.
    for (let block = 0; block < 0x1_0000; block += 64) {
      if (block >= 0xd800 && block < 0xe000) continue;
      const characters = Array.from({ length: 64 }, (_, index) => String.fromCharCode(block + index));
      const text = characters.map((one) => `a${one}A${one} ${one}${one}\n`).join("");
      if (ours[name].count(text).tokens !== count(text)) wrong.push(block.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  const piecesOf = (text: string) => {
    const bytes = Buffer.from(text);
    const pieces: string[] = [];
    for (let start = 0; start < bytes.length; ) {
      const end = pieceEnd(bytes, start);
      expect(end).toBeGreaterThan(start);
      pieces.push(bytes.toString("utf8", start, end));
      start = end;
    }
    return pieces;
  };

  it("cuts where the published pattern does, and so into the whole text", () => {
    const pattern = inJavaScript(patterns[name]);
    fc.assert(
      fc.property(odd, (text) => {
        const wellFormed = Buffer.from(text).toString("utf8");
        const pieces = piecesOf(text);
        expect(pieces).toEqual(wellFormed.match(pattern) ?? []);
        expect(pieces.join("")).toBe(wellFormed);
      }),
      { numRuns: 3_000 },
    );
  });

  it("counts a text as its pieces by themselves", () => {
    fc.assert(
      fc.property(odd, (text) => {
        const tokens = piecesOf(text).map((piece) => ours[name].count(piece).tokens);
        expect(tokens.reduce((sum, each) => sum + each, 0)).toBe(ours[name].count(text).tokens);
      }),
    );
  });

  it("is written for the pattern that the encoding publishes", () => {
    const published = require(`tiktoken/encoders/${name}.json`) as { readonly pat_str: string };
    expect(published.pat_str).toBe(patterns[name]);
  });
});

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const space = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
/** What `pieces.ts` finds, as its head says. */
const patterns = {
  o200k_base: [
    `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${contractions}?`,
    `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${contractions}?`,
    `\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${space}`,
  ].join("|"),
  cl100k_base: `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${space}`,
};

/** JavaScript has other white space, and no groups without case before Node 23. */
function inJavaScript(pattern: string): RegExp {
  const source = pattern
    .replaceAll(contractions, "(?:'(?:[sSſ]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD]))")
    .replaceAll("\\s", "\\p{White_Space}")
    .replaceAll("\\S", "\\P{White_Space}");
  return new RegExp(source, "gu");
}

describe("a piece that is too long", () => {
  const { o200k_base: tokenizer } = ours;

  it.each([
    ["a", 1],
    ["あ", 3],
    ["😀", 4],
  ])("is cut between two %s and says that the count is not exact", (character, width) => {
    const whole = character.repeat(Math.floor(longestPiece / width));
    const one = tokenizer.count(whole);
    expect(one.exact).toBe(true);
    const cut = tokenizer.count(whole + whole);
    expect(cut).toEqual({ tokens: 2 * one.tokens, exact: false });
    // As long as can be, and no longer: a digit joins neither.
    expect(tokenizer.count(`${whole}1${whole}`)).toEqual({ tokens: cut.tokens + 1, exact: true });
  });
});

describe("work", { timeout: 30_000 }, () => {
  /** How often a byte of the text is read: look-ups and the search for pieces do nothing else. */
  function reads(text: string): number {
    let count = 0;
    const bytes = new Proxy(Buffer.from(text), {
      get(target, key) {
        count++;
        return Reflect.get(target, key, target);
      },
    });
    ours.o200k_base.countBytes(bytes);
    return count;
  }

  const hostile: ReadonlyArray<readonly [name: string, unit: string]> = [
    ["one letter", "a"],
    ["letters that go together everywhere", "abcd"],
    ["blanks", " "],
    ["blanks and line breaks", " \n"],
    ["capitals without a small letter", "A"],
    ["capitals behind letters without case", "あA"],
    ["one letter without case, then capitals", "あAAAAAAAAAAAAAAA"],
    ["marks between capitals", "A\u0301A"],
    ["signs", "="],
    ["Chinese", "网关位于应用程序"],
    ["emoji", "😀"],
    ["apostrophes", "'r"],
  ];

  it.each(hostile)("grows with the text and no faster: %s", (_name, unit) => {
    const length = 4_000;
    const once = unit.repeat(length / unit.length);
    const [short, long] = [reads(once), reads(once.repeat(4))];
    expect(long / short).toBeLessThan(4.4);
    // Each byte is in three look-ups of 128 bytes at most, compared and hashed, and looked at for pieces a few times.
    expect(long).toBeLessThan(Buffer.byteLength(once) * 4 * (3 * 128 * 2 + 16));
  });
});
