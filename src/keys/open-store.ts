/** The store that the settings ask for. */
import { join } from "node:path";
import { PostgresKeyStore } from "./postgres-store.ts";
import { SqliteKeyStore } from "./sqlite-store.ts";
import type { KeyStore } from "./store.ts";

/** Where records are kept. */
export interface StorePlace {
  /** `postgres://…`; undefined: SQLite. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
}

/**
 * Nothing is opened before its first use.
 *
 * @param longestWaitMs for whoever else is writing to a SQLite file; short unless given
 */
export function openKeyStore({ databaseUrl, dataDir }: StorePlace, longestWaitMs?: number): KeyStore {
  return databaseUrl === undefined
    ? new SqliteKeyStore(join(dataDir, "tollgate.db"), longestWaitMs)
    : new PostgresKeyStore(databaseUrl);
}
