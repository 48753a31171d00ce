/** A map of bounded size whose entries are thrown out when their time is over, a few at each step and never all at once. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;
  readonly #keptUntilMs: (value: Value) => number;
  #cursor: Iterator<[string, Value]>;

  /** @param keptUntilMs the moment from which an entry may be forgotten */
  constructor(limit: number, keptUntilMs: (value: Value) => number) {
    this.#limit = limit;
    this.#keptUntilMs = keptUntilMs;
    this.#cursor = this.#entries.entries();
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  hasRoom(nowMs: number): boolean {
    if (this.#entries.size >= this.#limit) this.sweep(nowMs, stepsWhenFull);
    return this.#entries.size < this.#limit;
  }

  /** False when there is no room. */
  add(key: string, value: Value, nowMs: number): boolean {
    if (!this.hasRoom(nowMs)) return false;
    this.#entries.set(key, value);
    return true;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Looks at the next few entries. Iterators of a Map go on over what is added and deleted meanwhile. */
  sweep(nowMs: number, steps: number): void {
    for (let step = 0; step < steps; step++) {
      const next = this.#cursor.next();
      if (next.done === true) {
        this.#cursor = this.#entries.entries();
        return;
      }
      const [key, value] = next.value;
      if (this.#keptUntilMs(value) <= nowMs) this.#entries.delete(key);
    }
  }
}

const stepsWhenFull = 32;
