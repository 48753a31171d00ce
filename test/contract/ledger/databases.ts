/** The databases that a ledger may be in, each by a function that makes a new one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { DatabaseLocation } from "../../../src/database/location.ts";
import { type RunningPostgres, startPostgres } from "../database/postgres.ts";

export interface TestDatabase {
  readonly name: string;
  /** False: this machine has none, and may not install one. */
  readonly present: boolean;
  /** Where one may be opened that nobody has used. */
  readonly location: () => Promise<DatabaseLocation>;
}

const folder = mkdtempSync(join(tmpdir(), "tollgate-ledger-"));
let files = 0;
const postgres: RunningPostgres | undefined = await startPostgres();

export const databases: readonly TestDatabase[] = [
  {
    name: "SQLite",
    present: true,
    location: async () => ({ kind: "sqlite", file: join(folder, `ledger-${++files}.sqlite`) }),
  },
  {
    name: "Postgres",
    present: postgres !== undefined,
    location: async () => ({ kind: "postgres", url: (await postgres?.database()) ?? "" }),
  },
];

afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});
