/** Rows of exchanges are given up after their time; what they came to stays in the roll-ups. */
import type { Database } from "../database/database.ts";
import { hourMs } from "./roll-up.ts";

/** Rows that go in one transaction of a purge, so that nobody waits for it for long. */
const purgedAtOnce = 1_000;

const purgedState = "purged_before_ms";

/** Unix milliseconds; exchanges before have no rows any more. */
export async function purgedBefore(database: Database): Promise<number> {
  const [row] = await database.rows("SELECT value FROM ledger_state WHERE name = $1", [purgedState]);
  return Number(row?.["value"] ?? 0);
}

/** Transactions in one call: what writes to the ledger waits for it. */
const mostTransactions = 20;

/** @returns how many exchanges went; when any did, there may be more */
export async function purge(database: Database, atMs: number): Promise<number> {
  // Whole hours only: reports take a part of an hour from its rows.
  const beforeMs = Math.floor(atMs / hourMs) * hourMs;
  if (beforeMs > (await purgedBefore(database))) {
    await database.rows(
      "INSERT INTO ledger_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE ledger_state.value < excluded.value",
      [purgedState, beforeMs],
    );
  }
  const doomed =
    "SELECT id FROM ledger_exchanges WHERE settled_at_ms < $1 ORDER BY settled_at_ms, id LIMIT $2";
  let purged = 0;
  for (let turn = 0; turn < mostTransactions; turn++) {
    const gone = await database.transaction(async () => {
      const limits = [beforeMs, purgedAtOnce];
      await database.rows(`DELETE FROM ledger_attempts WHERE exchange_id IN (${doomed})`, limits);
      return database.rows(`DELETE FROM ledger_exchanges WHERE id IN (${doomed}) RETURNING id`, limits);
    });
    purged += gone.length;
    if (gone.length < purgedAtOnce) break;
  }
  return purged;
}
