/**
 * SQLite by better-sqlite3, which is synchronous: for threads and commands, not for the event loop of a gateway.
 *
 * Several processes may write to one file: each waits for its turn. A commit is on the disk when it returns
 * (`synchronous = FULL`; https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
import Sqlite from "better-sqlite3";
import type { Database, Insertion, Row, Value } from "./database.ts";
import { DatabaseTrouble, sqliteTrouble } from "./trouble.ts";

/** For another process's transaction to end. */
const busyTimeoutMs = 5_000;
/** Statements that are kept prepared. Ours are a few; what a report asks is built anew each time. */
const mostPrepared = 64;

export interface SqliteOptions {
  /** The file must be there, and is only read. */
  readonly readOnly?: boolean;
}

/** @throws DatabaseTrouble */
export function openSqlite(file: string, options: SqliteOptions = {}): Database {
  const readonly = options.readOnly === true;
  return guarded(() => {
    const connection = new Sqlite(file, { timeout: busyTimeoutMs, readonly, fileMustExist: readonly });
    connection.defaultSafeIntegers(true);
    if (!readonly) {
      connection.pragma("journal_mode = WAL");
      connection.pragma("synchronous = FULL");
    }
    return new SqliteDatabase(connection);
  });
}

class SqliteDatabase implements Database {
  readonly kind = "sqlite";
  readonly #connection: Sqlite.Database;
  readonly #prepared = new Map<string, Sqlite.Statement<unknown[], Row>>();

  constructor(connection: Sqlite.Database) {
    this.#connection = connection;
  }

  async rows(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return guarded(() => {
      const statement = this.#statement(sql);
      // `$1` is a name to SQLite.
      const named = Object.fromEntries(values.map((value, index) => [String(index + 1), value]));
      if (statement.reader) return values.length === 0 ? statement.all() : statement.all(named);
      if (values.length === 0) statement.run();
      else statement.run(named);
      return [];
    });
  }

  async insert({ table, columns, rows, tail }: Insertion): Promise<Row[]> {
    const names = columns.map(({ name }) => name);
    const sql = `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) ${tail}`;
    return guarded(() => {
      const statement = this.#statement(sql);
      const returned: Row[] = [];
      for (const row of rows) {
        const values = names.map((name) => row[name] ?? null);
        if (!statement.reader) statement.run(values);
        else returned.push(...statement.all(values));
      }
      return returned;
    });
  }

  async script(sql: string): Promise<void> {
    guarded(() => this.#connection.exec(sql));
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    // At once a writer: a reader that becomes one is refused when somebody else has written meanwhile.
    guarded(() => this.#connection.exec("BEGIN IMMEDIATE"));
    try {
      const result = await work();
      guarded(() => this.#connection.exec("COMMIT"));
      return result;
    } catch (error) {
      // A full disk may have rolled back already.
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#prepared.clear();
    this.#connection.close();
  }

  #statement(sql: string): Sqlite.Statement<unknown[], Row> {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare<unknown[], Row>(sql);
    if (this.#prepared.size < mostPrepared) this.#prepared.set(sql, statement);
    return statement;
  }
}

function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof DatabaseTrouble ? error : sqliteTrouble(error);
  }
}
