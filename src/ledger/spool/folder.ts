/**
 * Where one process keeps its segments: a folder of its own below `spool`, locked while the process lives. A folder
 * without an owner was left by a process that could not store everything, and whoever comes next takes it over.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { type FileHandle, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FolderLock, lockFolder } from "../../database/lock.ts";
import { Segment } from "./segment.ts";

/** Written every second in which something happened. */
export interface LastSign {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Exchanges that were open: those that ended after this sign may be missing from the ledger. */
  readonly openExchanges: number;
}

const suffix = ".rows";
const signFile = "sign.json";
const endFile = "end";
const signBytes = 80;

export class SpoolFolder {
  readonly path: string;
  readonly #lock: FolderLock;
  #segments = 0;
  #sign: FileHandle | undefined;

  private constructor(path: string, lock: FolderLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** A new one. Synchronous: once, before anything is served. @throws Error when the folder cannot be written */
  static create(spool: string, nowMs: number): SpoolFolder {
    const name = `${nowMs}-${process.pid}-${randomBytes(4).toString("hex")}`;
    const [unseen, path] = [join(spool, `.${name}`), join(spool, name)];
    mkdirSync(unseen, { recursive: true });
    // Locked before anybody sees it: it would be taken for an orphan. The lock is on the file, whatever its path.
    const lock = lockFolder(unseen);
    if (lock === undefined) throw new Error(`${unseen} is new, and somebody else has locked it`);
    renameSync(unseen, path);
    return new SpoolFolder(path, lock);
  }

  /** Those that nobody owns any more, oldest first; they are ours then. */
  static orphans(spool: string): SpoolFolder[] {
    const names = readdirSync(spool)
      .filter((name) => !name.startsWith("."))
      .sort();
    return names.flatMap((name) => {
      const path = join(spool, name);
      try {
        if (!statSync(path).isDirectory()) return [];
        const lock = lockFolder(path);
        return lock === undefined ? [] : [new SpoolFolder(path, lock)];
      } catch {
        // Somebody else has just finished with it.
        return [];
      }
    });
  }

  newSegment(nowMs: number): Promise<Segment> {
    return Segment.create(join(this.path, `${String(++this.#segments).padStart(9, "0")}${suffix}`), nowMs);
  }

  /** What an earlier owner left. */
  leftSegments(): Segment[] {
    const names = readdirSync(this.path).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => {
      const file = join(this.path, name);
      const { size, birthtimeMs } = statSync(file);
      return Segment.found(file, birthtimeMs, size);
    });
  }

  async sign(sign: LastSign): Promise<void> {
    this.#sign ??= await open(join(this.path, signFile), "w");
    // Always as long, so that it is overwritten at once.
    await this.#sign.write(JSON.stringify(sign).padEnd(signBytes), 0);
  }

  /** Undefined when there is none that can be read. */
  lastSign(): LastSign | undefined {
    try {
      const sign: unknown = JSON.parse(readFileSync(join(this.path, signFile), "utf8"));
      return isSign(sign) ? sign : undefined;
    } catch {
      return undefined;
    }
  }

  /** Everything that was accepted is here: its owner ended in order. */
  async markEnd(): Promise<void> {
    await writeFile(join(this.path, endFile), "");
  }

  get endedInOrder(): boolean {
    return readdirSync(this.path).includes(endFile);
  }

  /** The folder goes away: everything in it is stored. */
  async remove(): Promise<void> {
    await this.#sign?.close();
    await rm(this.path, { recursive: true, force: true });
    this.#lock.release();
  }

  /** The folder stays, for whoever comes next. */
  release(): void {
    this.#lock.release();
  }
}

/** With the data directory above it: both are for this user alone, since what is in them names people. */
export function makeSpool(spool: string): void {
  mkdirSync(spool, { recursive: true, mode: 0o700 });
}

/** Bytes of rows that are not in the database yet, of everybody who writes here. */
export function waitingBytes(spool: string): number {
  const names = existsSync(spool) ? readdirSync(spool, { recursive: true, encoding: "utf8" }) : [];
  const files = names.filter((name) => name.endsWith(suffix));
  return files.reduce(
    (sum, name) => sum + (statSync(join(spool, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** @throws Error when the folder cannot be made or written */
export function prepareSpool(spool: string): void {
  makeSpool(spool);
  const folder = SpoolFolder.create(spool, Date.now());
  rmSync(folder.path, { recursive: true, force: true });
  folder.release();
}

function isSign(value: unknown): value is LastSign {
  if (typeof value !== "object" || value === null || !("atMs" in value) || !("openExchanges" in value))
    return false;
  return typeof value.atMs === "number" && typeof value.openExchanges === "number";
}
