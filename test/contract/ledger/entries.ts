/** Exchanges to keep; tests change what they are about. */

import type { Row } from "../../../src/database/database.ts";
import { entryOf, type LedgerEntry } from "../../../src/ledger/entry.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { exchangeRecord } from "../../unit/telemetry/records.ts";

let ids = 0;

/** 2026-11-10, an hour's beginning. */
export const tenth = Date.UTC(2026, 10, 10);

export function entry(
  changes: Partial<ExchangeRecord> = {},
  atMs: number = tenth,
  row: Row = {},
): LedgerEntry {
  const made = entryOf(exchangeRecord({ id: `exchange-${++ids}`, ...changes }), atMs);
  return { ...made, exchange: { ...made.exchange, ...row } };
}
