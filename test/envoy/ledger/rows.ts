/** What is in the ledger, straight from its database. */
import type { Row } from "../../../src/database/database.ts";
import { openToRead } from "../../../src/database/open.ts";
import { readStorage } from "../../../src/settings/settings.ts";
import { databaseFor } from "../../../src/settings/storage.ts";

/** @param env of the process that keeps it */
export async function rowsOf(env: Readonly<Record<string, string>>, sql: string): Promise<Row[]> {
  const database = await openToRead(databaseFor(readStorage(env), "ledger"));
  const rows = await database.rows(sql);
  await database.close();
  return rows;
}
