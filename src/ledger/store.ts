/** The ledger in a database: SQLite or Postgres, with the same tables and the same promises. */
import type { Database } from "../database/database.ts";
import { migrate } from "../database/migrate.ts";
import { attemptColumns, exchangeColumns, hourlyColumns } from "./columns.ts";
import type { LedgerEntry } from "./entry.ts";
import { type ReportLine, type ReportQuery, reportLines } from "./report.ts";
import { purge, purgedBefore } from "./retention.ts";
import { addToHour, hourlySums } from "./roll-up.ts";
import { ledgerPart, ledgerSteps } from "./schema.ts";

/** What came of a batch. */
export interface Appended {
  readonly stored: number;
  /** Were there already: a batch may come twice. */
  readonly known: number;
  /** Of a time whose rows have been given up (`purge`): whether they are known cannot be told any more. */
  readonly late: readonly LedgerEntry[];
}

/** Of every method: @throws DatabaseTrouble */
export interface LedgerStore {
  /** Brings the tables up to date. */
  migrate(): Promise<void>;
  /** All of the batch or nothing, roll-ups included. Entries that are there already change nothing. */
  append(entries: readonly LedgerEntry[]): Promise<Appended>;
  /** Sums, exact to the nano-dollar. */
  report(query: ReportQuery): Promise<ReportLine[]>;
  /**
   * Gives up rows of exchanges before the hour of `beforeMs`, some twenty thousand at once; roll-ups stay.
   *
   * @returns how many exchanges went; when any did, there may be more
   */
  purge(beforeMs: number): Promise<number>;
  close(): Promise<void>;
}

export function ledgerStore(database: Database): LedgerStore {
  return {
    migrate: () => migrate(database, ledgerPart, ledgerSteps),
    append: (entries) => database.transaction(() => append(database, entries)),
    report: (query) => reportLines(database, query),
    purge: (beforeMs) => purge(database, beforeMs),
    close: () => database.close(),
  };
}

async function append(database: Database, entries: readonly LedgerEntry[]): Promise<Appended> {
  const keptFrom = await purgedBefore(database);
  const late = entries.filter(({ exchange }) => exchange.settled_at_ms < keptFrom);
  const distinct = new Map(
    entries
      .filter(({ exchange }) => exchange.settled_at_ms >= keptFrom)
      // In the order in which every writer locks them.
      .sort((a, b) => (a.exchange.id < b.exchange.id ? -1 : 1))
      .map((entry) => [entry.exchange.id, entry]),
  );
  if (distinct.size === 0) return { stored: 0, known: entries.length - late.length, late };
  const inserted = await database.insert({
    table: "ledger_exchanges",
    columns: exchangeColumns,
    rows: [...distinct.values()].map(({ exchange }) => exchange),
    tail: "ON CONFLICT (id) DO NOTHING RETURNING id",
  });
  const fresh = inserted.flatMap(({ id }) => distinct.get(String(id)) ?? []);
  const attempts = fresh.flatMap((entry) => entry.attempts);
  if (attempts.length > 0) {
    const tail = "ON CONFLICT (exchange_id, number) DO NOTHING";
    await database.insert({ table: "ledger_attempts", columns: attemptColumns, rows: attempts, tail });
  }
  if (fresh.length > 0) {
    const rows = hourlySums(fresh.map(({ exchange }) => exchange));
    await database.insert({ table: "ledger_hourly", columns: hourlyColumns, rows, tail: addToHour });
  }
  return { stored: fresh.length, known: entries.length - late.length - fresh.length, late };
}
