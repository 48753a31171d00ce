/** `tollgate keys`: makes, shows, ends and renews virtual keys, in the database that the gateways read. */
import { openKeyStore } from "../../keys/open-store.ts";
import type { KeyStore } from "../../keys/store.ts";
import { readSettings, SettingsError } from "../../settings/settings.ts";
import { type Output, standardOutput, UsageError } from "../command.ts";
import { create } from "./create.ts";
import { list } from "./list.ts";
import { revoke } from "./revoke.ts";
import { rotate } from "./rotate.ts";

const usage = `Usage: tollgate keys <command>

  create   makes a key and prints it, once: only a digest of it is kept
             --name TEXT  --tenant TEXT  --app TEXT  --user TEXT  --department TEXT  --plan TEXT
             --tag NAME=VALUE   may be repeated
             --limits JSON      {"limits": […], "budgets": […]} of the key itself, as in a policy
             --expires WHEN     90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z; never unless given
  list     shows all keys, none of their secrets
             --tenant TEXT      only those of a tenant
  revoke   ID   ends a key for good, everywhere within a second
  rotate   ID   gives a key a new secret and prints it
             --grace DURATION   the old one is good for so long, e.g. 24h; ends at once unless given

  --json   prints one JSON object a key

The keys are in Postgres at DATABASE_URL, or else in SQLite in TOLLGATE_DATA_DIR (./data), as for the gateway itself.

Exit code: 0 done, 1 not done, 2 wrong usage.
`;

/** Where a command writes, what time it is, and which environment it is in. */
export interface Surroundings extends Output {
  readonly nowMs: () => number;
  readonly env: NodeJS.ProcessEnv;
}

/** @returns the exit code */
export type KeysCommand = (
  argv: readonly string[],
  store: KeyStore,
  surroundings: Surroundings,
) => Promise<number>;

const commands: ReadonlyMap<string, KeysCommand> = new Map([
  ["create", create],
  ["list", list],
  ["revoke", revoke],
  ["rotate", rotate],
]);

const standard: Surroundings = {
  ...standardOutput,
  nowMs: Date.now,
  env: process.env,
};

/** A person can wait for a gateway that is writing. */
const longestWaitMs = 10_000;

/** @param argv what follows the command's name */
export async function run(argv: readonly string[], surroundings: Surroundings = standard): Promise<number> {
  const { out, err, env } = surroundings;
  const [name, ...rest] = argv;
  if (argv.includes("--help") || argv.includes("-h") || name === "help") {
    out(usage);
    return 0;
  }
  const command = commands.get(name ?? "");
  if (command === undefined) {
    err(`${name === undefined ? "no command given" : `unknown command ${name}`}\n\n${usage}`);
    return 2;
  }
  let store: KeyStore | undefined;
  try {
    store = openKeyStore(readSettings(env), longestWaitMs);
    return await command(rest, store, surroundings);
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof SettingsError;
    err(`${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${usage}` : ""}`);
    return isUsage ? 2 : 1;
  } finally {
    await store?.close();
  }
}
