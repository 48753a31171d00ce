/** The provider's own bill: every request that reached it, what it took, and how far its answer came. */
import type { TargetName } from "./policy.ts";

/** What a provider does with a request. */
export type Act =
  | "whole"
  | "stream"
  /** 429, 500 or 503: not billed. */
  | "error"
  /** The connection is reset before any answer: not billed. */
  | "reset"
  /** It never answers. */
  | "hang"
  /** The stream is broken off. */
  | "break";

export interface BillLine {
  readonly number: number;
  readonly target: TargetName;
  readonly act: Act;
  /** As the answer reports it, if it comes to that. Tokens. */
  readonly input: number;
  readonly output: number;
  /** The request's own limit. Tokens. */
  readonly maxTokens: number | undefined;
  readonly isStream: boolean;
  /** Words that have been written; each is a token. */
  words: number;
  /** The answer has been written to its end. */
  isComplete: boolean;
}

export class Bill {
  readonly #lines = new Map<number, BillLine[]>();
  #requests = 0;

  add(line: BillLine): void {
    this.#requests++;
    const known = this.#lines.get(line.number);
    if (known === undefined) this.#lines.set(line.number, [line]);
    else known.push(line);
  }

  /** In the order in which they came. */
  of(number: number): readonly BillLine[] {
    return this.#lines.get(number) ?? [];
  }

  get requests(): number {
    return this.#requests;
  }
}
