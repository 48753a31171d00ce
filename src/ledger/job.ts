/** What the ledger's thread does: lines into the database, and old rows out of it. */
import { appendFileSync, readFileSync, rmSync, statSync } from "node:fs";
import type { DatabaseLocation } from "../database/location.ts";
import { openDatabase } from "../database/open.ts";
import { DatabaseTrouble, type TroubleKind } from "../database/trouble.ts";
import type { LedgerEntry } from "./entry.ts";
import { type LedgerStore, ledgerStore } from "./store.ts";

export type LedgerJob = { readonly location: DatabaseLocation } & (
  | {
      readonly kind: "store";
      /** A segment of the spool, which is removed when all of it is stored; or the lines themselves. */
      readonly from: { readonly file: string } | { readonly lines: Uint8Array };
      /** Gets what the database will never take. */
      readonly rejectedFile: string;
    }
  | { readonly kind: "purge"; readonly beforeMs: number }
);

export interface LedgerOutcome {
  readonly stored: number;
  readonly known: number;
  /** In the file for what the database does not take. */
  readonly rejected: number;
  /** Lines that are none: a process died, or a disk failed, while they were written. */
  readonly torn: number;
  readonly purged: number;
}

export interface LedgerFailure {
  readonly kind: TroubleKind;
  readonly message: string;
}

/** Rows in one transaction: others wait for a few milliseconds. */
const batchRows = 500;
/** Of the file for what the database does not take. It means a defect of ours, and must not fill a disk. */
const rejectedBytes = 64 * 1024 * 1024;

const nothingDone: LedgerOutcome = { stored: 0, known: 0, rejected: 0, torn: 0, purged: 0 };

export class LedgerWork {
  #store: LedgerStore | undefined;

  /** @throws DatabaseTrouble; the work may be done again from its beginning then */
  async do(job: LedgerJob): Promise<LedgerOutcome> {
    try {
      this.#store ??= await opened(job.location);
      if (job.kind === "purge") return { ...nothingDone, purged: await this.#store.purge(job.beforeMs) };
      return await store(this.#store, job);
    } catch (error) {
      const broken = this.#store;
      this.#store = undefined;
      await broken?.close().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }
}

async function opened(location: DatabaseLocation): Promise<LedgerStore> {
  const store = ledgerStore(await openDatabase(location));
  try {
    await store.migrate();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function store(
  ledger: LedgerStore,
  { from, rejectedFile }: Extract<LedgerJob, { kind: "store" }>,
): Promise<LedgerOutcome> {
  const text = "lines" in from ? Buffer.from(from.lines).toString("utf8") : read(from.file);
  const entries: LedgerEntry[] = [];
  let torn = 0;
  for (const line of text.split("\n")) {
    const entry = line === "" ? undefined : entryIn(line);
    if (entry !== undefined) entries.push(entry);
    else if (line !== "") torn++;
  }
  const outcome = { ...nothingDone, torn };
  for (let start = 0; start < entries.length; start += batchRows) {
    const { stored, known, rejected } = await append(
      ledger,
      entries.slice(start, start + batchRows),
      rejectedFile,
    );
    outcome.stored += stored;
    outcome.known += known;
    outcome.rejected += rejected;
  }
  if ("file" in from) rmSync(from.file, { force: true });
  return outcome;
}

/** A row that the database never takes must not keep the others: it is found by halving the batch. */
async function append(
  ledger: LedgerStore,
  entries: readonly LedgerEntry[],
  rejectedFile: string,
): Promise<Pick<LedgerOutcome, "stored" | "known" | "rejected">> {
  try {
    const { stored, known, late } = await ledger.append(entries);
    for (const entry of late) reject(entry, "older than what is kept", rejectedFile);
    return { stored, known, rejected: late.length };
  } catch (error) {
    if (!(error instanceof DatabaseTrouble) || error.kind !== "data") throw error;
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      reject(only, error.message, rejectedFile);
      return { stored: 0, known: 0, rejected: 1 };
    }
    const middle = Math.ceil(entries.length / 2);
    const first = await append(ledger, entries.slice(0, middle), rejectedFile);
    const second = await append(ledger, entries.slice(middle), rejectedFile);
    return {
      stored: first.stored + second.stored,
      known: first.known + second.known,
      rejected: first.rejected + second.rejected,
    };
  }
}

function reject(entry: LedgerEntry, why: string, file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < rejectedBytes) appendFileSync(file, `${JSON.stringify({ why, ...entry })}\n`);
}

/** A segment that is gone has been stored: the answer that said so was lost. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function entryIn(line: string): LedgerEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== "object" || value === null || !("exchange" in value) || !("attempts" in value))
    return false;
  const { exchange, attempts } = value;
  if (typeof exchange !== "object" || exchange === null || !Array.isArray(attempts)) return false;
  return "id" in exchange && typeof exchange.id === "string" && "settled_at_ms" in exchange;
}
