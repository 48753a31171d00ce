/**
 * What our stores ask of a database. SQLite and Postgres take the same SQL as far as it is used here: parameters are
 * `$1`, `$2`, …, and whole numbers come back as bigint from both, since sums may pass 2^53.
 */

export type Value = string | number | bigint | null;
export type Row = Readonly<Record<string, string | number | bigint | null>>;

/** `whole`: up to 2^63 − 1. `flag`: 0 or 1 in rows, whatever the database calls it. `json`: its text. */
export type ColumnType = "text" | "whole" | "flag" | "json";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface Insertion {
  readonly table: string;
  readonly columns: readonly Column[];
  /** A column that a row lacks is NULL. */
  readonly rows: ReadonlyArray<Readonly<Record<string, Value>>>;
  /** What follows the values: `ON CONFLICT …`, `RETURNING …`. */
  readonly tail: string;
}

/** One connection; not to be used by two at once. Every method throws `DatabaseTrouble`. */
export interface Database {
  readonly kind: "sqlite" | "postgres";
  rows(sql: string, values?: readonly Value[]): Promise<Row[]>;
  /** @returns what `RETURNING` says of the rows that went in */
  insert(insertion: Insertion): Promise<Row[]>;
  /** Statements without parameters. */
  script(sql: string): Promise<void>;
  /** All of the work or none. Not to be nested. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Types as a column of a table is declared with. */
export function declared(type: ColumnType, kind: Database["kind"]): string {
  switch (type) {
    case "text":
      return "TEXT";
    case "whole":
      return kind === "sqlite" ? "INTEGER" : "BIGINT";
    case "flag":
      return kind === "sqlite" ? "INTEGER" : "BOOLEAN";
    case "json":
      return kind === "sqlite" ? "TEXT" : "JSONB";
    default:
      return type satisfies never;
  }
}
