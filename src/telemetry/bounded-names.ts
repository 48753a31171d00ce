/**
 * A set of label values that cannot grow without limit. Model names come from clients, and a series lives as
 * long as the process: without a bound, anyone who may ask may fill the memory.
 */
import { noValue, otherValue } from "./names.ts";
import { safeText } from "./redaction.ts";

const MAX_LENGTH = 128;

export class BoundedNames {
  readonly #max: number;
  readonly #maxUnproven: number;
  readonly #names = new Set<string>();
  #unproven = 0;

  /** @param max distinct names; a quarter of them may be taken by names that nothing has proved to exist */
  constructor(max: number) {
    this.#max = max;
    this.#maxUnproven = Math.ceil(max / 4);
  }

  /**
   * The name itself while there is room for it, else `other`.
   *
   * @param proven the name is known to mean something (a provider answered to it); invented names, of which
   *   there are many, can then not crowd out the real ones
   */
  value(name: string | undefined, proven = true): string {
    if (name === undefined || name === "") return noValue;
    if (name.length > MAX_LENGTH) return otherValue;
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.#max || !presentable(name)) return otherValue;
    if (!proven) {
      if (this.#unproven >= this.#maxUnproven) return otherValue;
      this.#unproven++;
    }
    this.#names.add(name);
    return name;
  }
}

/** No control characters, and no key that somebody put into the wrong field. */
function presentable(name: string): boolean {
  return !/\p{Cc}/u.test(name) && safeText(name) === name;
}
