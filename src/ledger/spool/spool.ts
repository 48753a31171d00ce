/**
 * What is not in the database yet. A line waits in memory for a moment, then in a file; only where no file can be written
 * (disk full, limit reached) it goes on waiting in memory, and from there to the database.
 *
 * Both have an end: beyond it a line is refused, which the caller counts as lost.
 */
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
  | { readonly kind: "lines"; readonly lines: readonly string[]; readonly sinceMs: number };

/** A segment is closed at this size: what is read and stored at once. */
const segmentBytes = 4 * 1024 * 1024;
/** To be written, or to go to the database without a file: to make one text of them takes a millisecond. */
const mostLinesAtOnce = 1_000;

export class Spool {
  readonly #options: SpoolOptions;
  #pending: string[] = [];
  #pendingBytes = 0;
  #pendingSinceMs = 0;
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
    if (this.#pendingBytes + line.length > this.#options.maxPendingBytes) return false;
    if (this.#pending.length === 0) this.#pendingSinceMs = this.#options.now();
    this.#pending.push(line);
    // In characters, which are bytes but for names in other scripts.
    this.#pendingBytes += line.length;
    return true;
  }

  /** Half of the memory is taken: files cannot be written, and the database does not keep up. */
  get isFilling(): boolean {
    return this.#pendingBytes * 2 > this.#options.maxPendingBytes;
  }

  get pendingLines(): number {
    return this.#pending.length;
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
    const oldest = this.#segments[0]?.sinceMs ?? this.#open?.sinceMs;
    return oldest ?? (this.#pending.length > 0 ? this.#pendingSinceMs : undefined);
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
    while (this.#pending.length > 0) {
      const sinceMs = this.#pendingSinceMs;
      const lines = this.#take();
      try {
        const batch = Buffer.from(lines.join(""));
        if (this.#fileBytes() + batch.length > this.#options.maxBytes) throw new SpoolLimitError();
        this.#open ??= await this.#options.folder.newSegment(sinceMs);
        await this.#open.append(batch);
        this.#failure = undefined;
        if (this.#open.bytes >= segmentBytes) await this.#close();
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        return this.#putBack(lines, sinceMs);
      }
    }
  }

  #take(): string[] {
    const lines = this.#pending.splice(0, mostLinesAtOnce);
    for (const line of lines) this.#pendingBytes -= line.length;
    if (this.#pending.length > 0) this.#pendingSinceMs = this.#options.now();
    return lines;
  }

  #putBack(lines: readonly string[], sinceMs: number): void {
    this.#pending = [...lines, ...this.#pending];
    for (const line of lines) this.#pendingBytes += line.length;
    this.#pendingSinceMs = sinceMs;
  }

  /** The oldest lines; undefined when everything is stored. To be followed by `stored` or `returned`. */
  async next(): Promise<Portion | undefined> {
    if (this.#segments.length === 0) await this.#inTurn(() => this.#close());
    const [segment] = this.#segments;
    if (segment !== undefined) return { kind: "segment", segment };
    if (this.#failure === undefined || this.#pending.length === 0) return undefined;
    const sinceMs = this.#pendingSinceMs;
    return { kind: "lines", lines: this.#take(), sinceMs };
  }

  stored(portion: Portion): void {
    if (portion.kind === "segment") this.#segments.splice(this.#segments.indexOf(portion.segment), 1);
  }

  /** It could not be stored. */
  returned(portion: Portion): void {
    if (portion.kind === "lines") this.#putBack(portion.lines, portion.sinceMs);
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
    await segment.close();
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
