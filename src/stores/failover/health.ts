/** Whether a store is worth asking. A dead one is not asked by every exchange, only by a probe now and then. */
import type { StoreTrouble } from "../counter-store.ts";

export interface HealthOptions {
  /** Asks the store for something; rejects while it is down. */
  readonly probe: () => Promise<void>;
  readonly onDown: (error: Error) => void;
  readonly onUp: () => void;
}

/** So many calls in a row without an answer, and the store is down: one may be a pause of our own. */
const unansweredUntilDown = 3;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export class StoreHealth {
  readonly #options: HealthOptions;
  #down = false;
  #unanswered = 0;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return !this.#down;
  }

  answered(): void {
    this.#unanswered = 0;
  }

  failed(trouble: StoreTrouble, error: Error): void {
    if (trouble === "call") return this.answered();
    if (trouble === "unanswered" && ++this.#unanswered < unansweredUntilDown) return;
    if (this.#down || this.#closed) return;
    this.#down = true;
    this.#pauseMs = firstPauseMs;
    this.#options.onDown(error);
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    // Not all sidecars at once.
    const pause = this.#pauseMs * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => void this.#probe(), pause);
    this.#timer.unref();
  }

  async #probe(): Promise<void> {
    try {
      await this.#options.probe();
    } catch {
      this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
      if (!this.#closed) this.#schedule();
      return;
    }
    if (this.#closed) return;
    this.#down = false;
    this.#unanswered = 0;
    this.#options.onUp();
  }
}
