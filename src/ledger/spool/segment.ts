/**
 * A file of the spool: lines that are appended in batches and later stored as a whole.
 *
 * What `append` has written survives the end of the process, since the kernel has it; what `sync` has seen survives the
 * end of the machine.
 */
import { type FileHandle, open } from "node:fs/promises";

const lineFeed = Buffer.from("\n");

export class Segment {
  readonly file: string;
  /** Unix milliseconds of its oldest line. */
  readonly sinceMs: number;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #syncedBytes = 0;
  /** It ends in a piece of a line, which must not become the beginning of another. */
  #endsTorn = false;

  private constructor(file: string, sinceMs: number, bytes: number) {
    this.file = file;
    this.sinceMs = sinceMs;
    this.#bytes = bytes;
  }

  /** One that is begun. */
  static async create(file: string, sinceMs: number): Promise<Segment> {
    const segment = new Segment(file, sinceMs, 0);
    segment.#handle = await open(file, "ax");
    return segment;
  }

  /** One that somebody left. */
  static found(file: string, sinceMs: number, bytes: number): Segment {
    return new Segment(file, sinceMs, bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All of the batch or nothing. */
  async append(lines: Uint8Array): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) throw new Error("a segment is written to that is closed");
    const batch = this.#endsTorn ? Buffer.concat([lineFeed, lines]) : lines;
    let written = 0;
    try {
      while (written < batch.length) {
        const { bytesWritten } = await handle.write(batch, written, batch.length - written);
        written += bytesWritten;
      }
      this.#bytes += batch.length;
      this.#endsTorn = false;
    } catch (error) {
      if (written > 0) await this.#takeBack(handle, written);
      throw error;
    }
  }

  /** Half a line would be taken for one that a dying process left. */
  async #takeBack(handle: FileHandle, written: number): Promise<void> {
    try {
      await handle.truncate(this.#bytes);
    } catch {
      this.#bytes += written;
      this.#endsTorn = true;
    }
  }

  async sync(): Promise<void> {
    if (this.#handle === undefined || this.#syncedBytes === this.#bytes) return;
    const bytes = this.#bytes;
    await this.#handle.datasync();
    this.#syncedBytes = bytes;
  }

  /** No more lines; the file stays until it is stored, and may stay for long. */
  async close(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    await this.sync().catch(() => undefined);
    this.#handle = undefined;
    await handle.close();
  }
}
