/** `tollgate report`: who used what, from the ledger. */
import { existsSync } from "node:fs";
import { expectSchema } from "../../database/migrate.ts";
import { openToRead } from "../../database/open.ts";
import { DatabaseTrouble } from "../../database/trouble.ts";
import { measureColumns } from "../../ledger/columns.ts";
import { rejectedFileOf, spoolOf } from "../../ledger/ledger.ts";
import { ReportError, type ReportLine, type ReportQuery, reportLines } from "../../ledger/report.ts";
import { nothing } from "../../ledger/roll-up.ts";
import { ledgerPart, ledgerSteps } from "../../ledger/schema.ts";
import { waitingBytes } from "../../ledger/spool/folder.ts";
import { readStorage, SettingsError } from "../../settings/settings.ts";
import { databaseFor, type Storage } from "../../settings/storage.ts";
import { type Output, standardOutput, UsageError } from "../command.ts";
import { formats, groupingNames, wantedIn } from "./arguments.ts";
import { formatted } from "./format.ts";

const usage = `Usage: tollgate report [options]

Sums of the ledger: exchanges, tokens, what providers are owed and what callers are charged, in US dollars to the
nano-dollar. Exchanges count for the time at which they ended. Reads DATABASE_URL, or the file in TOLLGATE_DATA_DIR.

  --by COLUMNS     what lines are told apart by, in this order; department,app,model unless given. Of
                   ${groupingNames.slice(0, 9).join(", ")},
                   ${groupingNames.slice(9).join(", ")}
  --month 2026-11  a month, UTC; this one unless --from is given
  --from, --to     a day (2026-11-01, UTC) or a time with its zone (2026-11-01T00:00+01:00); --to is not part of it,
                   and is now unless given
  --tenant NAME    only that tenant's
  --where C=V      only those whose column C is V; may be repeated
  --format FORMAT  ${formats.join(", ")}; table unless given

Exit code: 0 done, 1 the ledger cannot be read or the question not answered, 2 wrong usage.
`;

/**
 * @param argv what follows the command's name
 * @returns the exit code
 */
export async function run(
  argv: readonly string[],
  output: Output = standardOutput,
  env: NodeJS.ProcessEnv = process.env,
  nowMs: number = Date.now(),
): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    output.out(usage);
    return 0;
  }
  try {
    const { query, by, format } = wantedIn(argv, nowMs);
    const storage = readStorage(env);
    const lines = await read(storage, query);
    output.out(formatted({ query, by, lines, total: totalOf(lines) }, format));
    for (const note of outside(storage)) output.err(`note: ${note}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError || error instanceof SettingsError) {
      output.err(`${error.message}\n${error instanceof UsageError ? `\n${usage}` : ""}`);
      return 2;
    }
    if (!(error instanceof DatabaseTrouble) && !(error instanceof ReportError)) throw error;
    output.err(`${error instanceof DatabaseTrouble ? "the ledger cannot be read: " : ""}${error.message}\n`);
    return 1;
  }
}

async function read(storage: Storage, query: ReportQuery): Promise<ReportLine[]> {
  const database = await openToRead(databaseFor(storage, "ledger"));
  try {
    await expectSchema(database, ledgerPart, ledgerSteps);
    return await reportLines(database, query);
  } finally {
    await database.close();
  }
}

function totalOf(lines: readonly ReportLine[]): ReportLine["sums"] {
  const total = nothing();
  for (const { sums } of lines) for (const name of measureColumns) total[name] += sums[name];
  return total;
}

/** What is known of and not in the sums, as far as this machine can tell. */
function outside({ dataDir }: Storage): string[] {
  const notes: string[] = [];
  const waiting = waitingBytes(spoolOf(dataDir));
  if (waiting > 0)
    notes.push(`${waiting} bytes of exchanges in ${spoolOf(dataDir)} are not in the ledger yet`);
  const rejected = rejectedFileOf(dataDir);
  if (existsSync(rejected)) notes.push(`exchanges that the ledger did not take are in ${rejected}`);
  return notes;
}
