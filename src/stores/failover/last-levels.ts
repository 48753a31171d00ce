/** How counters stood when the store last told, so that their limits go on from there without it. Bounded. */
import type { CounterName, Level } from "../counter-store.ts";
import { windowName } from "../counter-store.ts";

export interface LastLevel {
  readonly used: number;
  readonly atMs: number;
}

const maxRemembered = 20_000;

export class LastLevels {
  readonly #levels = new Map<string, LastLevel>();

  remember(tenant: string, counters: readonly CounterName[], levels: readonly Level[], nowMs: number): void {
    counters.forEach((counter, index) => {
      const level = levels[index];
      // What runs elsewhere ends unseen: it must not stand in the way until nobody knows when.
      if (level === undefined || counter.window.kind === "concurrent") return;
      const key = nameOf(tenant, counter);
      this.#levels.delete(key);
      if (this.#levels.size >= maxRemembered) {
        const [oldest] = this.#levels.keys();
        if (oldest !== undefined) this.#levels.delete(oldest);
      }
      // Held amounts count as spent: better too early a no than too late a one.
      this.#levels.set(key, { used: level.used + level.reserved, atMs: nowMs });
    });
  }

  /** Gives a level once; undefined when it was given already, or never known. */
  claim(tenant: string, counter: CounterName): LastLevel | undefined {
    const key = nameOf(tenant, counter);
    const level = this.#levels.get(key);
    this.#levels.delete(key);
    return level;
  }
}

function nameOf(tenant: string, { key, window }: CounterName): string {
  return `${tenant}\0${key}\0${windowName(window)}`;
}
