/**
 * The ledger of one process. The event loop makes a line of each exchange that ends; everything else happens behind it:
 * lines into the spool, and from there, by a thread, into the database. What that takes, and what it promises, is in
 * `docs/ledger.md`.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseLocation } from "../database/location.ts";
import { DatabaseTrouble } from "../database/trouble.ts";
import type { ExchangeRecord, Recorder } from "../telemetry/record.ts";
import type { ThreadOptions } from "../threads/pool.ts";
import { ThreadPool } from "../threads/pool.ts";
import { entryOf } from "./entry.ts";
import type { LedgerFailure, LedgerJob, LedgerOutcome } from "./job.ts";
import { LedgerNews, type NewsOutlets } from "./news.ts";
import { makeSpool, SpoolFolder } from "./spool/folder.ts";
import { type Portion, Spool } from "./spool/spool.ts";

export interface LedgerOptions extends NewsOutlets {
  readonly location: DatabaseLocation;
  readonly dataDir: string;
  /** Of what waits for the database, on disk. */
  readonly maxSpoolBytes: number;
  /** The same in memory, where the disk does not take it. */
  readonly maxPendingBytes?: number;
  /** How long rows of exchanges are kept; undefined: for ever, or this process is not the one to see to it. */
  readonly retentionMs: number | undefined;
  readonly openExchanges: () => number;
  /** Unix milliseconds. */
  readonly now?: () => number;
  readonly threads?: ThreadOptions;
}

/** Lines wait so long in memory: what a SIGKILL takes. Shorter is dearer: each write wakes a thread. */
const flushAfterMs = 100;
/** Lines wait so long for others to be stored with them. */
const storeAfterMs = 1_000;
/** Until the disk has them, should the machine fail; and how often the process says that it lives. */
const signEveryMs = 1_000;
const firstRetryMs = 250;
const longestRetryMs = 10_000;
const purgeEveryMs = 3_600_000;
/** After SIGTERM; what is not stored by then is in the spool. */
const closeWithinMs = 5_000;
const defaultPendingBytes = 32 * 1024 * 1024;

const builtProgram = new URL("./thread.js", import.meta.url);

export class Ledger implements Recorder {
  readonly #options: LedgerOptions;
  readonly #now: () => number;
  readonly #folder: SpoolFolder;
  readonly #spool: Spool;
  readonly #news: LedgerNews;
  readonly #threads: ThreadPool<LedgerJob, LedgerOutcome, LedgerFailure>;
  /** Of others who are gone, with the files that are not stored yet. */
  readonly #takenOver = new Map<SpoolFolder, Set<string>>();
  #flushTimer: NodeJS.Timeout | undefined;
  #storeTimer: NodeJS.Timeout | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  #storing: Promise<void> | undefined;
  #purgeTimer: NodeJS.Timeout | undefined;
  #retryMs = 0;
  #changed = true;
  #closing = false;

  /** Synchronous: once, before anything is served. @throws Error when the data directory cannot be written */
  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const spool = spoolOf(options.dataDir);
    makeSpool(spool);
    this.#folder = SpoolFolder.create(spool, this.#now());
    this.#news = new LedgerNews(options);
    this.#spool = new Spool({
      folder: this.#folder,
      maxBytes: options.maxSpoolBytes,
      maxPendingBytes: options.maxPendingBytes ?? defaultPendingBytes,
      now: this.#now,
    });
    this.#threads = new ThreadPool(
      {
        name: "a batch of the ledger",
        errorOf: ({ kind, message }) => new DatabaseTrouble(kind, message),
        unavailable: (why) => new DatabaseTrouble("unavailable", why),
      },
      {
        count: 1,
        maxWaiting: 8,
        timeoutMs: 60_000,
        maxHeapMib: 256,
        program: builtProgram,
        ...options.threads,
      },
    );
  }

  /** Takes over what others left, and begins to store. */
  start(): void {
    this.#takeOver();
    this.#timers.push(setInterval(() => void this.#sign(), signEveryMs).unref());
    void this.#sign();
    if (this.#options.retentionMs !== undefined) {
      this.#timers.push(setInterval(() => void this.#purge(), purgeEveryMs).unref());
      void this.#purge();
    }
    this.#storeSoon(0);
  }

  /** Neither throws nor blocks. */
  record(exchange: ExchangeRecord): void {
    // Nothing is known of it but that it was.
    if (exchange.outcome === "passed-through") return;
    const line = `${JSON.stringify(entryOf(exchange, this.#now()))}\n`;
    this.#changed = true;
    if (!this.#spool.push(line)) return this.#news.lost("full", 1, exchange.chargedNanoUsd);
    this.#flushTimer ??= setTimeout(() => void this.#flush(), flushAfterMs);
  }

  /** What there is must be stored before more comes: nothing else would keep a promise that nothing is lost. */
  get isFilling(): boolean {
    return this.#spool.isFilling;
  }

  /**
   * Stores everything; what the database does not take in time is in the spool, and stored at the next start. Nothing is
   * to be recorded after it.
   */
  async close(): Promise<void> {
    this.#closing = true;
    const timers = [this.#flushTimer, this.#storeTimer, this.#purgeTimer, ...this.#timers];
    for (const timer of timers) clearTimeout(timer);
    const inTime = new AbortController();
    await Promise.race([this.#storeRest(inTime.signal), sleep(closeWithinMs, undefined, { ref: false })]);
    inTime.abort();
    await this.#threads.stop();
    await this.#leave();
  }

  async #storeRest(inTime: AbortSignal): Promise<void> {
    await this.#spool.flush();
    await this.#storing;
    while (!(await this.#storeAll()) && !inTime.aborted) await sleep(firstRetryMs);
  }

  async #leave(): Promise<void> {
    this.#news.remind();
    const { bytes, pendingLines } = this.#spool;
    if (bytes === 0) return this.#folder.remove();
    await this.#spool.sync().catch(() => undefined);
    if (pendingLines > 0) this.#news.lost("full", pendingLines, 0);
    await this.#folder.markEnd().catch(() => undefined);
    this.#news.left(bytes, this.#folder.path);
    for (const folder of [this.#folder, ...this.#takenOver.keys()]) folder.release();
  }

  async #flush(): Promise<void> {
    this.#flushTimer = undefined;
    await this.#spool.flush();
    const { failure } = this.#spool;
    if (failure === undefined) this.#news.spooled();
    else {
      this.#news.spoolFailed(failure);
      if (!this.#closing) this.#flushTimer ??= setTimeout(() => void this.#flush(), signEveryMs);
    }
    this.#storeSoon(storeAfterMs);
  }

  #storeSoon(ms: number): void {
    if (this.#closing || this.#storing !== undefined) return;
    this.#storeTimer ??= setTimeout(
      () => {
        this.#storeTimer = undefined;
        void this.#storeNow();
      },
      Math.max(ms, this.#retryMs),
    );
  }

  async #storeNow(): Promise<void> {
    const storing = this.#storeAll();
    this.#storing = storing.then(() => undefined);
    const stored = await storing;
    this.#storing = undefined;
    this.#retryMs = stored ? 0 : Math.min(Math.max(this.#retryMs * 2, firstRetryMs), longestRetryMs);
    // What came meanwhile has asked in vain.
    if (!stored || this.#spool.sinceMs !== undefined) this.#storeSoon(storeAfterMs);
  }

  /** Portion by portion. Never throws. @returns false when the database does not take them now */
  async #storeAll(): Promise<boolean> {
    for (;;) {
      const portion = await this.#spool.next();
      this.#news.backlog(this.#spool.bytes, this.#spool.sinceMs, this.#now());
      if (portion === undefined) return true;
      try {
        this.#news.stored(await this.#threads.run(this.#jobOf(portion), () => true));
        this.#spool.stored(portion);
        await this.#settleTakenOver(portion);
      } catch (error) {
        this.#spool.returned(portion);
        this.#news.failed(error);
        return false;
      }
    }
  }

  #jobOf(portion: Portion): LedgerJob {
    const { location, dataDir } = this.#options;
    const from =
      portion.kind === "segment"
        ? { file: portion.segment.file }
        : // A copy of its own: a message takes all of the memory that a view is of.
          { lines: portion.chunk.bytes.slice() };
    return { kind: "store", location, from, rejectedFile: rejectedFileOf(dataDir) };
  }

  #takeOver(): void {
    for (const folder of SpoolFolder.orphans(spoolOf(this.#options.dataDir))) {
      const segments = folder.leftSegments();
      this.#news.takenOver(
        folder,
        segments.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      this.#takenOver.set(folder, new Set(segments.map(({ file }) => file)));
      this.#spool.takeOver(segments);
      void this.#removeIfStored(folder);
    }
  }

  async #settleTakenOver(portion: Portion): Promise<void> {
    if (portion.kind !== "segment") return;
    for (const [folder, files] of this.#takenOver) {
      if (files.delete(portion.segment.file)) await this.#removeIfStored(folder);
    }
  }

  async #removeIfStored(folder: SpoolFolder): Promise<void> {
    if (this.#takenOver.get(folder)?.size !== 0) return;
    this.#takenOver.delete(folder);
    await folder.remove().catch(() => undefined);
  }

  async #sign(): Promise<void> {
    const openExchanges = this.#options.openExchanges();
    this.#news.backlog(this.#spool.bytes, this.#spool.sinceMs, this.#now());
    this.#news.remind();
    if (!this.#changed && openExchanges === 0) return;
    this.#changed = openExchanges > 0;
    try {
      await this.#spool.sync();
      await this.#folder.sign({ atMs: this.#now(), openExchanges });
    } catch {
      // A disk that takes nothing is told of where lines are written.
    }
  }

  async #purge(): Promise<void> {
    const { retentionMs, location } = this.#options;
    if (retentionMs === undefined) return;
    try {
      const job: LedgerJob = { kind: "purge", location, beforeMs: this.#now() - retentionMs };
      const { purged } = await this.#threads.run(job, () => !this.#closing);
      // There may be more than is given up at once.
      if (purged > 0 && !this.#closing)
        this.#purgeTimer = setTimeout(() => void this.#purge(), signEveryMs).unref();
    } catch (error) {
      if (!this.#closing) this.#news.failed(error);
    }
  }
}

/** Below the data directory. */
export function spoolOf(dataDir: string): string {
  return join(dataDir, "spool");
}

export function rejectedFileOf(dataDir: string): string {
  return join(dataDir, "ledger-rejected.jsonl");
}
