/** The callers that are remembered: a bounded number, from which the one unseen for longest leaves first. */
import type { Subject } from "./subject.ts";

/** Their order need not be exact, and to change it takes longer than all the rest. */
const moveEveryMs = 10_000;

export class Subjects {
  readonly #most: number;
  readonly #left: (subject: Subject) => void;
  /** In order of use, the latest last, as of some seconds ago. */
  readonly #byKey = new Map<string, Subject>();

  /** @param left is told of each that is forgotten */
  constructor(most: number, left: (subject: Subject) => void) {
    this.#most = most;
    this.#left = left;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Does not count as seen. */
  find(tenant: string, name: string): Subject | undefined {
    return this.#byKey.get(keyOf(tenant, name));
  }

  /** Is seen now. @param make for one that is not known */
  seen(tenant: string, name: string, nowMs: number, make: () => Subject): Subject {
    const key = keyOf(tenant, name);
    const known = this.#byKey.get(key);
    if (known !== undefined && nowMs < known.moveAtMs) return known;
    const subject = known ?? make();
    if (known !== undefined) this.#byKey.delete(key);
    this.#byKey.set(key, subject);
    subject.moveAtMs = nowMs + moveEveryMs;
    if (this.#byKey.size > this.#most) this.#forgetOldest();
    return subject;
  }

  /** The one unseen for longest first. */
  all(): Subject[] {
    return [...this.#byKey.values()];
  }

  #forgetOldest(): void {
    for (const [key, subject] of this.#byKey) {
      this.#byKey.delete(key);
      return this.#left(subject);
    }
  }
}

/** The length keeps the border between the two. */
function keyOf(tenant: string, name: string): string {
  return `${tenant.length} ${tenant}${name}`;
}
