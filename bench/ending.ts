/** What was begun and must be undone, in reverse order, however the run ends. */
export class Ending {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #done: Promise<void> | undefined;

  /** A step that fails does not keep the others from being taken. */
  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Takes the steps once; later calls wait for the same. */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (cause) {
        process.stderr.write(`bench: ${cause instanceof Error ? cause.message : String(cause)}\n`);
      }
    }
  }
}
