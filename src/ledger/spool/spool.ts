/**
 * What is not in the database yet. A line waits in memory for a moment, then in a file; only where no file can be written
 * (disk full, limit reached) it goes on waiting in memory, and from there to the database.
 *
 * Both have an end: beyond it a line is refused, which the caller counts as lost.
 */
import { Chunk } from "./chunk.ts";
import type { SpoolFolder } from "./folder.ts";
import type { Segment } from "./segment.ts";

export interface SpoolOptions {
  readonly folder: SpoolFolder;
  /** Of all segments together, those that were taken over included. */
  readonly maxBytes: number;
  readonly maxPendingBytes: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What is to be stored next: lines in a file, or the lines themselves. */
export type Portion =
  | { readonly kind: "segment"; readonly segment: Segment }
  | { readonly kind: "chunk"; readonly chunk: Chunk };

/** A segment is closed at this size: what is read and stored at once. */
const segmentBytes = 4 * 1024 * 1024;

export class Spool {
  readonly #options: SpoolOptions;
  /** Oldest first. */
  readonly #pending: Chunk[] = [];
  #pendingBytes = 0;
  /** Closed, oldest first. */
  readonly #segments: Segment[] = [];
  #open: Segment | undefined;
  #writing: Promise<void> | undefined;
  /** What is done to files is done in turn. */
  #lastTurn: Promise<unknown> = Promise.resolve();
  /** The last write did not succeed. */
  #failure: Error | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Segments of others, to be stored before our own. */
  takeOver(segments: readonly Segment[]): void {
    this.#segments.unshift(...segments);
  }

  /** @returns false when there is no room: the line is not kept */
  push(line: string): boolean {
    const { maxPendingBytes, now } = this.#options;
    if (this.#pendingBytes + line.length > maxPendingBytes) return false;
    const added = this.#pending.at(-1)?.add(line) ?? 0;
    this.#pendingBytes += added;
    if (added > 0) return true;
    const chunk = new Chunk(now(), line);
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.size;
    return true;
  }

  /** Half of the memory is taken: files cannot be written, and the database does not keep up. */
  get isFilling(): boolean {
    return this.#pendingBytes * 2 > this.#options.maxPendingBytes;
  }

  get pendingLines(): number {
    return this.#pending.reduce((sum, { lines }) => sum + lines, 0);
  }

  /** Why the last write failed; undefined when it did not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Everything that is not stored. */
  get bytes(): number {
    return this.#fileBytes() + this.#pendingBytes;
  }

  /** Unix milliseconds of the oldest line; undefined when there is none. */
  get sinceMs(): number | undefined {
    return this.#segments[0]?.sinceMs ?? this.#open?.sinceMs ?? this.#pending[0]?.sinceMs;
  }

  /** Writes what waits in memory. Never throws: see `failure`. */
  flush(): Promise<void> {
    this.#writing ??= this.#inTurn(() => {
      this.#writing = undefined;
      return this.#write();
    });
    return this.#writing;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  async #write(): Promise<void> {
    for (let [chunk] = this.#pending; chunk !== undefined && !chunk.inUse; [chunk] = this.#pending) {
      chunk.inUse = true;
      try {
        if (this.#fileBytes() + chunk.size > this.#options.maxBytes) throw new SpoolLimitError();
        this.#open ??= await this.#options.folder.newSegment(chunk.sinceMs);
        await this.#open.append(chunk.bytes);
        this.#failure = undefined;
        this.#forget(chunk);
        if (this.#open.bytes >= segmentBytes) await this.#close();
      } catch (error) {
        chunk.inUse = false;
        this.#failure = error instanceof Error ? error : new Error(String(error));
        return;
      }
    }
  }

  #forget(chunk: Chunk): void {
    this.#pending.splice(this.#pending.indexOf(chunk), 1);
    this.#pendingBytes -= chunk.size;
  }

  /** The oldest lines; undefined when everything is stored. To be followed by `stored` or `returned`. */
  async next(): Promise<Portion | undefined> {
    if (this.#segments.length === 0) await this.#inTurn(() => this.#close());
    const [segment] = this.#segments;
    if (segment !== undefined) return { kind: "segment", segment };
    const [chunk] = this.#pending;
    if (this.#failure === undefined || chunk === undefined || chunk.inUse) return undefined;
    chunk.inUse = true;
    return { kind: "chunk", chunk };
  }

  stored(portion: Portion): void {
    if (portion.kind === "chunk") this.#forget(portion.chunk);
    else this.#segments.splice(this.#segments.indexOf(portion.segment), 1);
  }

  /** It could not be stored. */
  returned(portion: Portion): void {
    if (portion.kind === "chunk") portion.chunk.inUse = false;
  }

  /** To the disk itself. */
  async sync(): Promise<void> {
    await this.#inTurn(async () => this.#open?.sync());
  }

  async #close(): Promise<void> {
    const segment = this.#open;
    if (segment === undefined) return;
    this.#open = undefined;
    this.#segments.push(segment);
    // What is in the file is in the file.
    await segment.close().catch(() => undefined);
  }

  #fileBytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, this.#open?.bytes ?? 0);
  }
}

/** The spool has reached its limit. */
class SpoolLimitError extends Error {
  constructor() {
    super("the spool has reached its limit");
    this.name = "SpoolLimitError";
  }
}
