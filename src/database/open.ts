/** A database by its location. */
import { existsSync } from "node:fs";
import type { Database } from "./database.ts";
import { type DatabaseLocation, locationText } from "./location.ts";
import { connectPostgres } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";
import { DatabaseTrouble } from "./trouble.ts";

/** For a thread or a command: SQLite holds the caller while it works. @throws DatabaseTrouble */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  return location.kind === "sqlite" ? openSqlite(location.file) : connectPostgres(location.url);
}

/** To read only, which a database must exist for. @throws DatabaseTrouble */
export async function openToRead(location: DatabaseLocation): Promise<Database> {
  if (location.kind === "postgres") return connectPostgres(location.url);
  if (!existsSync(location.file)) {
    throw new DatabaseTrouble("absent", `there is no ${locationText(location)}`);
  }
  return openSqlite(location.file, { readOnly: true });
}
