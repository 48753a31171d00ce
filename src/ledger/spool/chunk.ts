/** Lines that wait in memory, as the bytes that they will be in a file: texts would be copied by every collection. */

/** A write of this size takes a fraction of a millisecond. */
const chunkBytes = 64 * 1024;

export class Chunk {
  /** Unix milliseconds of its first line. */
  readonly sinceMs: number;
  readonly #bytes: Buffer;
  #used = 0;
  #lines = 0;
  /** It is being written, or with the database: nothing may be added meanwhile. */
  inUse = false;

  /** @param line the first one, which fits whatever its length */
  constructor(sinceMs: number, line: string) {
    this.sinceMs = sinceMs;
    this.#bytes = Buffer.allocUnsafe(Math.max(chunkBytes, mostBytes(line)));
    this.add(line);
  }

  get size(): number {
    return this.#used;
  }

  get lines(): number {
    return this.#lines;
  }

  /** A view: not to be changed. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  /** @returns how many bytes the line takes; 0: there is no room for it here */
  add(line: string): number {
    if (this.inUse || this.#used + mostBytes(line) > this.#bytes.length) return 0;
    const written = this.#bytes.write(line, this.#used, "utf8");
    this.#used += written;
    this.#lines += 1;
    return written;
  }
}

/** Of UTF-8. */
function mostBytes(line: string): number {
  return line.length * 3;
}
