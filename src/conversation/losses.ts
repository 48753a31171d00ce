/** What a translation could not carry over. Nothing is dropped in silence: it is listed here. */

export interface Loss {
  /** JSON path in the client's request (or answer), e.g. `logit_bias` or `messages[2].content[1]`. */
  readonly path: string;
  /** `dropped`: the target never sees it. `approximated`: it sees the nearest thing it knows. */
  readonly how: "dropped" | "approximated";
  /** One short sentence for people. */
  readonly why: string;
  /**
   * The model is not shown something that the request is about: a part of a message, or a tool. Routing prefers
   * targets that lose none. Parameters, cache markers and the thinking of another provider's model are no content.
   */
  readonly content?: true;
}

/** Collects losses during one translation; bounded, so that a hostile request cannot grow it. */
export class Losses {
  static readonly maxEntries = 64;
  readonly #entries: Loss[] = [];
  #content = false;

  /** @param entries what is known to be lost already */
  constructor(entries: readonly Loss[] = []) {
    for (const loss of entries) this.#add(loss);
  }

  dropped(path: string, why: string): void {
    this.#add({ path, how: "dropped", why });
  }

  /** Something that the request is about; see `Loss.content`. */
  droppedContent(path: string, why: string): void {
    this.#add({ path, how: "dropped", why, content: true });
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

  /** At least one loss is of content. */
  get ofContent(): boolean {
    return this.#content;
  }

  #add(loss: Loss): void {
    const isFull = this.#entries.length >= Losses.maxEntries;
    // The first loss of content is told whatever came before it: routing depends on it.
    const isTold = !isFull || (loss.content === true && !this.#content);
    if (!isTold) return;
    if (isFull) this.#entries.pop();
    this.#entries.push(loss);
    this.#content ||= loss.content === true;
  }
}
