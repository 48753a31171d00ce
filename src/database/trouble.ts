/** What goes wrong with a database, sorted by what can be done about it. */

export type TroubleKind =
  /** Not reached, busy, shut down, or anything else that may be over later. */
  | "unavailable"
  /** No room on its disk. */
  | "full"
  /** It will never take these values. */
  | "data"
  /** Its tables are those of a later version of Tollgate. */
  | "newer"
  /** There is none, where one was to be read. */
  | "absent";

/** The message says nothing of the values that were written. */
export class DatabaseTrouble extends Error {
  override readonly name = "DatabaseTrouble";
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** https://www.sqlite.org/rescode.html */
export function sqliteTrouble(error: unknown): DatabaseTrouble {
  if (error instanceof DatabaseTrouble) return error;
  const code = codeOf(error);
  if (code === "SQLITE_FULL") return new DatabaseTrouble("full", "the disk of the database is full");
  if (code === "SQLITE_CANTOPEN") return new DatabaseTrouble("absent", "the database file cannot be opened");
  if (/^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code)) return new DatabaseTrouble("data", code);
  // What better-sqlite3 itself throws at a value that SQLite has no type for.
  if (error instanceof TypeError || error instanceof RangeError)
    return new DatabaseTrouble("data", error.name);
  return new DatabaseTrouble("unavailable", code === "" ? messageOf(error) : `${code}: ${messageOf(error)}`);
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function postgresTrouble(error: unknown): DatabaseTrouble {
  if (error instanceof DatabaseTrouble) return error;
  const code = codeOf(error);
  if (code === "53100") return new DatabaseTrouble("full", "the disk of the database is full");
  // Data exceptions and violated constraints: the server's message may quote the value.
  if (/^2[23]/.test(code)) return new DatabaseTrouble("data", `SQLSTATE ${code}`);
  return new DatabaseTrouble("unavailable", code === "" ? messageOf(error) : `${code}: ${messageOf(error)}`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function messageOf(error: unknown): string {
  // Of several addresses that were tried, each with an error of its own (Node's AggregateError has no message).
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
