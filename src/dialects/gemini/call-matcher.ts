/**
 * Finds the call that a function's response belongs to. Many calls have no id, and then the names decide, in their
 * order: the first response of a name answers the first call of it.
 *
 * Source: https://ai.google.dev/gemini-api/docs/function-calling#parallel_function_calling
 */
interface OpenCall {
  readonly id: string;
  readonly name: string;
}

export class CallMatcher {
  #open: OpenCall[] = [];

  /** A new model turn: its calls are the ones to be answered. */
  begin(calls: readonly OpenCall[]): void {
    this.#open = [...calls];
  }

  /** @returns the call's id; undefined when no call of the turn before is left that fits */
  take(id: string | undefined, name: string): string | undefined {
    const byId = this.#open.findIndex((call) => call.id === id);
    const place = byId >= 0 ? byId : this.#open.findIndex((call) => call.name === name);
    return place < 0 ? undefined : this.#open.splice(place, 1)[0]?.id;
  }
}
