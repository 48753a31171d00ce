/**
 * Schemas, forwards only. Each part of Tollgate that keeps tables has a name and a list of steps; which of them a
 * database has seen stands in it.
 */
import { type ColumnType, type Database, declared } from "./database.ts";
import { DatabaseTrouble } from "./trouble.ts";

/**
 * Statements, with the types of columns as `{whole}`, `{flag}`, `{json}`, and `{strict}` behind a table's columns:
 * SQLite then holds them to their types. What has been released never changes.
 */
export type Step = string;

/** Any number, the same in every version: whoever migrates a database waits for whoever does already. */
const lockNumber = 7_645_542;

/**
 * Brings the tables of `part` to the last step.
 *
 * @throws DatabaseTrouble `newer` when they have seen more steps than this version knows
 */
export async function migrate(database: Database, part: string, steps: readonly Step[]): Promise<void> {
  // A gateway may have no right to make tables; it needs none when they are there.
  if ((await hasTable(database, "tollgate_schema")) && (await versionOf(database, part)) === steps.length)
    return;
  await database.transaction(async () => {
    if (database.kind === "postgres") await database.rows("SELECT pg_advisory_xact_lock($1)", [lockNumber]);
    await database.script(
      spelled(
        "CREATE TABLE IF NOT EXISTS tollgate_schema (part TEXT PRIMARY KEY, version {whole} NOT NULL) {strict}",
        database.kind,
      ),
    );
    const version = await versionOf(database, part);
    if (version > steps.length) throw newer(part, version, steps.length);
    if (version === steps.length) return;
    for (const step of steps.slice(version)) await database.script(spelled(step, database.kind));
    await database.rows(
      "INSERT INTO tollgate_schema (part, version) VALUES ($1, $2) ON CONFLICT (part) DO UPDATE SET version = excluded.version",
      [part, steps.length],
    );
  });
}

/** For those who only read. @throws DatabaseTrouble when the tables are not those of this version */
export async function expectSchema(database: Database, part: string, steps: readonly Step[]): Promise<void> {
  const version = (await hasTable(database, "tollgate_schema")) ? await versionOf(database, part) : 0;
  if (version > steps.length) throw newer(part, version, steps.length);
  if (version < steps.length) {
    const what = version === 0 ? "has none" : `is that of an older version (${version} of ${steps.length})`;
    throw new DatabaseTrouble("absent", `the database ${what}: start this version's gateway on it first`);
  }
}

async function hasTable(database: Database, table: string): Promise<boolean> {
  const sql =
    database.kind === "sqlite"
      ? "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = $1"
      : "SELECT 1 AS found WHERE to_regclass($1) IS NOT NULL";
  return (await database.rows(sql, [table])).length > 0;
}

async function versionOf(database: Database, part: string): Promise<number> {
  const [row] = await database.rows("SELECT version FROM tollgate_schema WHERE part = $1", [part]);
  return Number(row?.["version"] ?? 0);
}

function newer(part: string, version: number, known: number): DatabaseTrouble {
  return new DatabaseTrouble(
    "newer",
    `the tables of the ${part} are at version ${version}, and this Tollgate knows up to ${known}`,
  );
}

function spelled(step: Step, kind: Database["kind"]): string {
  return step.replaceAll(/\{(\w+)\}/g, (whole, word: string) => {
    if (word === "strict") return kind === "sqlite" ? "STRICT" : "";
    if (isType(word)) return declared(word, kind);
    throw new Error(`${whole} in a migration`);
  });
}

function isType(word: string): word is ColumnType {
  return word === "whole" || word === "flag" || word === "json" || word === "text";
}
