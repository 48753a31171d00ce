/** Pseudonyms of users that call again and again: a hash takes longer than all that is done with it. */
import { pseudonym } from "../telemetry/pseudonym.ts";

export class KnownPseudonyms {
  readonly #most: number;
  readonly #byUser = new Map<string, string>();

  /** @param most when there are more, all are computed anew */
  constructor(most: number) {
    this.#most = most;
  }

  of(user: string): string {
    const known = this.#byUser.get(user);
    if (known !== undefined) return known;
    const made = pseudonym(user);
    if (this.#byUser.size >= this.#most) this.#byUser.clear();
    this.#byUser.set(user, made);
    return made;
  }
}
