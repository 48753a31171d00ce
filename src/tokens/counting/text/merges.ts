/**
 * Byte pair encoding of one piece, counted: of all neighbours that are a token together, those of the lowest rank are
 * merged, the leftmost first, until none is left. The candidates wait in a heap, so that a piece of n bytes takes some
 * n log n steps; looking through all of them after each merge, as tiktoken does, takes n².
 */
import type { Ranks } from "./ranks.ts";

/** The most bytes of a piece that are merged as one. */
export const longestPiece = 2 ** 16;

/** Candidates are ordered by one number: rank, then place. */
const rankStep = 2 * longestPiece;

export class Merges {
  readonly #ranks: Ranks;
  // A part is known by the byte at which it begins: where its neighbours begin, and the rank of it with the next.
  readonly #next = new Int32Array(longestPiece);
  readonly #previous = new Int32Array(longestPiece);
  readonly #pairRank = new Int32Array(longestPiece);
  /** One candidate for each byte, and each merge takes one out and puts two in at most. */
  readonly #heap = new Float64Array(2 * longestPiece);
  #candidates = 0;

  constructor(ranks: Ranks) {
    this.#ranks = ranks;
  }

  /** How many tokens a piece becomes. @param end at most `longestPiece` behind `start` */
  count(bytes: Uint8Array, start: number, end: number): number {
    if (end - start === 1 || this.#ranks.find(bytes, start, end) >= 0) return 1;
    const length = end - start;
    this.#candidates = 0;
    for (let part = 0; part < length; part++) {
      this.#next[part] = part + 1;
      this.#previous[part] = part - 1;
      this.#rate(bytes, start, part, part + 2 <= length ? part + 2 : 0);
    }
    let parts = length;
    while (this.#candidates > 0) {
      const candidate = this.#take();
      const part = candidate % rankStep;
      // Merged meanwhile, or with another neighbour than when it was rated.
      if (this.#pairRank[part] !== (candidate - part) / rankStep) continue;
      this.#merge(bytes, start, part, length);
      parts--;
    }
    return parts;
  }

  /** Joins a part with the next one. */
  #merge(bytes: Uint8Array, start: number, part: number, length: number): void {
    const gone = this.#next[part] ?? length;
    const next = this.#next[gone] ?? length;
    this.#pairRank[gone] = -1;
    this.#next[part] = next;
    if (next < length) this.#previous[next] = part;
    this.#rate(bytes, start, part, next < length ? (this.#next[next] ?? length) : 0);
    const previous = this.#previous[part] ?? -1;
    if (previous >= 0) this.#rate(bytes, start, previous, next);
  }

  /** @param end where the part's next neighbour ends; 0 when it has none */
  #rate(bytes: Uint8Array, start: number, part: number, end: number): void {
    const rank = end === 0 ? -1 : this.#ranks.find(bytes, start + part, start + end);
    this.#pairRank[part] = rank;
    if (rank >= 0) this.#put(rank * rankStep + part);
  }

  #put(candidate: number): void {
    const heap = this.#heap;
    let place = this.#candidates++;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] ?? 0;
      if (other <= candidate) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = candidate;
  }

  #take(): number {
    const heap = this.#heap;
    const lowest = heap[0] ?? 0;
    const size = --this.#candidates;
    const last = heap[size] ?? 0;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && (heap[below + 1] ?? 0) < (heap[below] ?? 0)) below++;
      const other = heap[below] ?? 0;
      if (other >= last) break;
      heap[place] = other;
      place = below;
    }
    heap[place] = last;
    return lowest;
  }
}
