/** Gathers a body's chunks, up to a limit. */

export class BodyTooLargeError extends Error {
  constructor(limitBytes: number) {
    super(`a body is larger than ${limitBytes} bytes`);
    this.name = "BodyTooLargeError";
  }
}

export class BodyCollector {
  readonly #limitBytes: number;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** @throws BodyTooLargeError; what was gathered is let go then */
  push(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > this.#limitBytes) {
      this.#chunks = [];
      throw new BodyTooLargeError(this.#limitBytes);
    }
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /** Everything so far in one piece; the collector is empty afterwards. */
  take(): Uint8Array {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#sizeBytes = 0;
    return whole;
  }
}
