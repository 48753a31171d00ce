/** Lookup by exact name, then by the longest prefix: `gpt-4o`, `gpt-*`, `*`. */
export class PatternTable<Value> {
  readonly #exact = new Map<string, Value>();
  readonly #prefixes = new Map<string, Value>();
  /** Lengths of the prefixes, longest first: one map lookup for each, however many prefixes there are. */
  readonly #lengths: readonly number[];

  /** @param entries patterns with `*` only at the end */
  constructor(entries: Iterable<readonly [pattern: string, value: Value]>) {
    for (const [pattern, value] of entries) {
      if (pattern.endsWith("*")) this.#prefixes.set(pattern.slice(0, -1), value);
      else this.#exact.set(pattern, value);
    }
    const lengths = new Set([...this.#prefixes.keys()].map((prefix) => prefix.length));
    this.#lengths = [...lengths].sort((a, b) => b - a);
  }

  find(name: string): Value | undefined {
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    for (const length of this.#lengths) {
      if (length > name.length) continue;
      const found = this.#prefixes.get(name.slice(0, length));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
