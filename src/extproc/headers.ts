/**
 * HTTP headers as Envoy sent them: flat, ordered, lower-case names.
 *
 * A flat array of alternating names and values costs one allocation per message where a Map costs one per
 * entry; an exchange looks up a handful of some twenty headers, so a linear scan is the faster search too.
 */
export class HeaderList {
  static readonly empty = new HeaderList([]);
  readonly #flat: readonly string[];

  /** @param flat alternating names (lower case) and values */
  constructor(flat: readonly string[]) {
    this.#flat = flat;
  }

  /** The first value of a header, by its lower-case name. */
  get(name: string): string | undefined {
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (this.#flat[i] === name) return this.#flat[i + 1];
    }
    return undefined;
  }

  /** The value of a header that was sent once; of one that was sent several times nobody can say which is meant. */
  sole(name: string): string | undefined {
    let found: string | undefined;
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (this.#flat[i] !== name) continue;
      if (found !== undefined) return undefined;
      found = this.#flat[i + 1];
    }
    return found;
  }

  /** Every name and value in order; repeated headers come as often as they were sent. */
  *entries(): IterableIterator<[name: string, value: string]> {
    for (let i = 0; i + 1 < this.#flat.length; i += 2) {
      yield [this.#flat[i] as string, this.#flat[i + 1] as string];
    }
  }

  /** Every name, repeated ones included. */
  *names(): IterableIterator<string> {
    for (let i = 0; i < this.#flat.length; i += 2) yield this.#flat[i] as string;
  }
}
