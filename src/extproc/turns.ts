/**
 * Keeps messages from holding the event loop. One read of a connection can bring hundreds, and all of them would be
 * dealt with before any timer or other connection gets its turn.
 *
 * Asking twice a message for the time is all it costs as long as there is little to do.
 */

/** Messages are dealt with for so long without a pause; one more may have begun by then. */
const streakMs = 10;
/** Nothing done for so long: the event loop has been elsewhere meanwhile. */
const pauseMs = 1;

export class Turns {
  readonly #waiting: Array<() => void> = [];
  #isScheduled = false;
  #beganMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Whether another message may be dealt with in this turn; if not, `wait` for the next. */
  get free(): boolean {
    if (this.#waiting.length > 0) return false;
    const now = performance.now();
    if (now - this.#lastMs > pauseMs) this.#beganMs = now;
    this.#lastMs = now;
    return now - this.#beganMs < streakMs;
  }

  /** A message has been dealt with. */
  done(): void {
    this.#lastMs = performance.now();
  }

  /** Resumes in a later turn, in the order of asking. Each stream waits once at most, which bounds the queue. */
  wait(resume: () => void): void {
    this.#waiting.push(resume);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#next);
  }

  readonly #next = (): void => {
    this.#isScheduled = false;
    this.#beganMs = performance.now();
    const waiting = this.#waiting.splice(0);
    let resumed = 0;
    while (resumed < waiting.length && performance.now() - this.#beganMs < streakMs) waiting[resumed++]?.();
    this.#lastMs = performance.now();
    if (resumed === waiting.length) return;
    // What has asked meanwhile has asked later.
    this.#waiting.unshift(...waiting.slice(resumed));
    this.#schedule();
  };
}
