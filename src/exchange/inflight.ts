/**
 * Every exchange under way in this process, by its id. Attempt streams find their exchange here; the size is
 * the limit on what one process takes on.
 */
import type { Exchange } from "./exchange.ts";

/**
 * The id of calls that pass through. Nothing is kept of them, but their attempts must be told from attempts whose
 * exchange is lost: the ones go out as they are, the others must not.
 */
export const passedThrough = "passed";

export class InFlight {
  readonly #exchanges = new Map<string, Exchange>();
  readonly #limit: number;
  /** Calls that are under way and known to nobody here. */
  #others = 0;

  /** @param limit the most exchanges at once */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#exchanges.size + this.#others;
  }

  /** False when the table is full: the exchange must be refused. */
  add(exchange: Exchange): boolean {
    if (this.size >= this.#limit) return false;
    this.#exchanges.set(exchange.id, exchange);
    return true;
  }

  /** For a call that only has to be counted; `leave` ends it. False as for `add`. */
  enter(): boolean {
    if (this.size >= this.#limit) return false;
    this.#others++;
    return true;
  }

  leave(): void {
    this.#others--;
  }

  find(id: string): Exchange | undefined {
    return this.#exchanges.get(id);
  }

  /** Asked of work that takes its time: false means that nobody waits for it any more. */
  has(exchange: Exchange): boolean {
    return this.#exchanges.has(exchange.id);
  }

  remove(exchange: Exchange): void {
    this.#exchanges.delete(exchange.id);
  }
}
