/** Counts the tokens of text in one encoding. What looks like a special token in it is text like any other. */
import { longestPiece, Merges } from "./merges.ts";
import { cl100kPieceEnd, o200kPieceEnd, type PieceEnd } from "./pieces.ts";
import { type EncodingName, Ranks } from "./ranks.ts";

export interface TextCount {
  readonly tokens: number;
  /** False when a piece was too long to be merged as one: a few tokens too many. */
  readonly exact: boolean;
}

const pieceEnds: Readonly<Record<EncodingName, PieceEnd>> = {
  o200k_base: o200kPieceEnd,
  cl100k_base: cl100kPieceEnd,
};

export class Tokenizer {
  readonly #pieceEnd: PieceEnd;
  readonly #merges: Merges;

  constructor(encoding: EncodingName) {
    this.#pieceEnd = pieceEnds[encoding];
    this.#merges = new Merges(new Ranks(encoding));
  }

  /** Half a surrogate pair counts as U+FFFD, which is what it becomes on the wire. */
  count(text: string): TextCount {
    return this.countBytes(Buffer.from(text));
  }

  /** @param bytes well-formed UTF-8 */
  countBytes(bytes: Uint8Array): TextCount {
    let tokens = 0;
    let exact = true;
    let start = 0;
    while (start < bytes.length) {
      const end = this.#pieceEnd(bytes, start);
      while (end - start > longestPiece) {
        const cut = characterBefore(bytes, start + longestPiece);
        tokens += this.#merges.count(bytes, start, cut);
        exact = false;
        start = cut;
      }
      tokens += this.#merges.count(bytes, start, end);
      start = end;
    }
    return { tokens, exact };
  }
}

/** The next place at or before this one where a character begins. */
function characterBefore(bytes: Uint8Array, index: number): number {
  let place = index;
  while (((bytes[place] ?? 0) & 0xc0) === 0x80) place--;
  return place;
}
