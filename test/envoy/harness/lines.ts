/** The JSON lines that a process writes, as far as they have come. */
import { isObject, type JsonObject } from "../../../src/json/types.ts";

const WAIT_MS = 10_000;

export class Lines {
  readonly #entries: JsonObject[] = [];
  readonly #other: string[] = [];
  readonly #waiters = new Set<() => void>();

  /** Everything parsed so far, oldest first. */
  get entries(): readonly JsonObject[] {
    return this.#entries;
  }

  /** Lines that are no JSON objects. */
  get other(): readonly string[] {
    return this.#other;
  }

  /** Takes the next line. */
  readonly push = (line: string): void => {
    const value = parsed(line);
    if (value === undefined) this.#other.push(line);
    else this.#entries.push(value);
    for (const wake of [...this.#waiters]) wake();
  };

  /** The first entry that fits, now or later; fails after `timeoutMs` with what there was instead. */
  async find(fits: (entry: JsonObject) => boolean, timeoutMs = WAIT_MS): Promise<JsonObject> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.#entries.find(fits);
      if (found !== undefined) return found;
      if (Date.now() >= deadline) {
        const last = this.#entries.slice(-5).map((entry) => JSON.stringify(entry));
        throw new Error(`no such line in ${timeoutMs} ms; the last are:\n${last.join("\n")}`);
      }
      await this.#next(deadline - Date.now());
    }
  }

  /** The entries once there are `count` of them. */
  async atLeast(count: number, timeoutMs = WAIT_MS): Promise<readonly JsonObject[]> {
    await this.find((entry) => this.#entries.indexOf(entry) >= count - 1, timeoutMs);
    return this.#entries;
  }

  #next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiters.add(wake);
    });
  }
}

function parsed(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
