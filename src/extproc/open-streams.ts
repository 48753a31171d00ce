/** A stream that can be ended from outside. */
export interface Abortable {
  abort(): void;
}

/** The streams that are open, and a way to wait until none is. */
export class OpenStreams {
  readonly #open = new Set<Abortable>();
  readonly #waiting = new Set<() => void>();

  get count(): number {
    return this.#open.size;
  }

  opened(stream: Abortable): void {
    this.#open.add(stream);
  }

  closed(stream: Abortable): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    for (const resume of this.#waiting) resume();
  }

  /** Waits until no stream is open, but no longer than `timeoutMs`. */
  async drained(timeoutMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const resume = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(resume);
        resolve();
      };
      const timer = setTimeout(resume, timeoutMs);
      this.#waiting.add(resume);
    });
  }

  /** Ends what is still open. */
  abortAll(): void {
    for (const stream of this.#open) stream.abort();
  }
}
