/** Tells when the arguments of a tool call are whole, while they arrive in pieces. */

/**
 * Counts brackets outside of strings; each character is looked at once. Wrong JSON may count as whole or never
 * become so, which costs promptness and not correctness: nothing is held back beyond the end of the message.
 */
export class ArgumentText {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isWhole = false;

  push(text: string): void {
    for (let i = 0; i < text.length; i++) this.#take(text[i]);
  }

  /** The object has ended. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  #take(character: string | undefined): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInString) {
      if (character === "\\") this.#isEscaped = true;
      else if (character === '"') this.#isInString = false;
    } else if (character === '"') this.#isInString = true;
    else if (character === "{" || character === "[") this.#depth++;
    else if (character === "}" || character === "]") this.#isWhole = --this.#depth === 0;
  }
}
