/** What a translation could not carry over. Nothing is dropped in silence: it is listed here. */

export interface Loss {
  /** JSON path in the client's request (or answer), e.g. `logit_bias` or `messages[2].content[1]`. */
  readonly path: string;
  /** `dropped`: the target never sees it. `approximated`: it sees the nearest thing it knows. */
  readonly how: "dropped" | "approximated";
  /** One short sentence for people. */
  readonly why: string;
}

/** Collects losses during one translation; bounded, so that a hostile request cannot grow it. */
export class Losses {
  static readonly maxEntries = 64;
  readonly #entries: Loss[];

  /** @param entries what is known to be lost already */
  constructor(entries: readonly Loss[] = []) {
    this.#entries = entries.slice(0, Losses.maxEntries);
  }

  dropped(path: string, why: string): void {
    this.#add({ path, how: "dropped", why });
  }

  approximated(path: string, why: string): void {
    this.#add({ path, how: "approximated", why });
  }

  /** Takes over what another translation of the same exchange lost. */
  addAll(other: Losses): void {
    for (const loss of other.#entries) this.#add(loss);
  }

  get entries(): readonly Loss[] {
    return this.#entries;
  }

  #add(loss: Loss): void {
    if (this.#entries.length < Losses.maxEntries) this.#entries.push(loss);
  }
}
