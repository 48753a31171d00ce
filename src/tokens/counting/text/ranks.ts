/**
 * An encoding's tokens with their ranks, found by their bytes. From the files that the package tiktoken carries,
 * which are OpenAI's (https://github.com/openai/tiktoken). All in typed arrays: 200,000 tokens take 4 MB so, and 100
 * in tiktoken's own memory.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The encodings that models in use have. */
export type EncodingName = "o200k_base" | "cl100k_base";

const require = createRequire(import.meta.url);

/** o200k_base has 199,998. */
const mostTokens = 2 ** 18;
/** Twice as many, so that a look-up passes one other token on average. */
const places = 2 * mostTokens;

export class Ranks {
  /** The bytes of all tokens, one behind the other in the order of their ranks. */
  readonly #bytes: Uint8Array;
  readonly #offsets = new Uint32Array(mostTokens + 1);
  /** Hash of the bytes → rank; −1: nothing. */
  readonly #places = new Int32Array(places).fill(-1);
  readonly #longest: number;

  /** Reads and decodes two megabytes: some 100 ms. */
  constructor(encoding: EncodingName) {
    const text = publishedTokens(encoding);
    const bytes = Buffer.allocUnsafe(text.length);
    let rank = 0;
    let end = 0;
    let longest = 0;
    // One token after the other: all at once are 200,000 strings.
    for (let from = 0; from < text.length; ) {
      const next = text.indexOf(" ", from);
      const to = next < 0 ? text.length : next;
      const length = bytes.write(text.slice(from, to), end, "base64");
      end += length;
      this.#offsets[++rank] = end;
      if (length > longest) longest = length;
      from = to + 1;
    }
    if (rank > mostTokens) throw new Error(`${encoding} has more tokens than there is room for`);
    this.#bytes = new Uint8Array(bytes.subarray(0, end));
    this.#longest = longest;
    for (let placed = 0; placed < rank; placed++) this.#places[this.#freePlace(placed)] = placed;
  }

  /** The rank of the token with these bytes; −1 when there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > this.#longest) return -1;
    let place = placeOf(bytes, start, end);
    for (;;) {
      const rank = this.#places[place] ?? -1;
      if (rank < 0 || this.#is(rank, bytes, start, end)) return rank;
      place = (place + 1) % places;
    }
  }

  #is(rank: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[rank] ?? 0;
    if ((this.#offsets[rank + 1] ?? 0) - from !== end - start) return false;
    for (let index = start; index < end; index++) {
      if (bytes[index] !== this.#bytes[from + index - start]) return false;
    }
    return true;
  }

  #freePlace(rank: number): number {
    let place = placeOf(this.#bytes, this.#offsets[rank] ?? 0, this.#offsets[rank + 1] ?? 0);
    while (this.#places[place] !== -1) place = (place + 1) % places;
    return place;
  }
}

/** In base64, from rank 0 on without a gap, parted by blanks. */
function publishedTokens(encoding: EncodingName): string {
  const path = require.resolve(`tiktoken/encoders/${encoding}.json`);
  const { bpe_ranks: text } = JSON.parse(readFileSync(path, "utf8")) as { bpe_ranks: string };
  const head = "! 0 ";
  if (!text.startsWith(head) || text.includes("\n")) throw new Error(`${encoding} is in another form`);
  return text.slice(head.length);
}

/** FNV-1a, folded. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % places;
}
