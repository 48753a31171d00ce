/** Adds up what a request costs: text by the model's encoding, the rest in tokens as the provider counts them. */
import type { ModelEncoding } from "./model-encoding.ts";
import type { Tokenizer } from "./text/tokenizer.ts";
import type { TokenCount } from "./token-count.ts";

/** Finds the tokenizer of an encoding, which takes a moment the first time. */
export type TokenizerOf = (encoding: ModelEncoding["encoding"]) => Tokenizer;

/**
 * The most UTF-16 units of text that are counted; what is beyond is taken to be like them. The largest context
 * windows hold some four million; the slowest text of this length takes a few seconds.
 */
export const mostCounted = 4 * 1024 * 1024;

export class Tally {
  readonly encoding: ModelEncoding;
  readonly #tokenizer: Tokenizer;
  readonly #most: number;
  /** Of text, in the encoding's own tokens. */
  #text = 0;
  #counted = 0;
  #uncounted = 0;
  #beside = 0;
  #exact: boolean;

  /** @param most UTF-16 units of text to count */
  constructor(encoding: ModelEncoding, tokenizerOf: TokenizerOf, most = mostCounted) {
    this.encoding = encoding;
    this.#tokenizer = tokenizerOf(encoding.encoding);
    this.#most = most;
    this.#exact = encoding.published;
  }

  /** @param length of the whole text, of which this is the beginning; UTF-16 units */
  addText(text: string, length = text.length): void {
    const room = Math.min(text.length, this.#most - this.#counted);
    this.#counted += room;
    this.#uncounted += length - room;
    if (room === 0) return;
    const { tokens, exact } = this.#tokenizer.count(room < text.length ? text.slice(0, room) : text);
    this.#text += tokens;
    if (!exact) this.addsEstimate();
  }

  /** What is not text: its tokens are the provider's already. */
  add(tokens: number): void {
    this.#beside += tokens;
  }

  /** Something is in the sum whose cost nobody has published. */
  addsEstimate(): void {
    this.#exact = false;
  }

  total(): TokenCount {
    const beyond = this.#counted === 0 ? 1 : 1 + this.#uncounted / this.#counted;
    const text = Math.ceil(this.#text * beyond * this.encoding.factor);
    return { tokens: text + this.#beside, exact: this.#exact && this.#uncounted === 0 };
  }
}
