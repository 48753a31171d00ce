/** The settings of what is kept: where, for how long, and what happens when there is no room for it. */
import { join, resolve } from "node:path";
import { z } from "zod";
import type { DatabaseLocation } from "../database/location.ts";

export interface LedgerSettings {
  /** `TOLLGATE_LEDGER_RETENTION`: how long rows of exchanges are kept; undefined: for ever. */
  readonly retentionMs: number | undefined;
  /** `TOLLGATE_LEDGER_SPOOL_BYTES`: what may wait for the database on disk, per worker. */
  readonly maxSpoolBytes: number;
  /** `TOLLGATE_LEDGER_WHEN_FULL`: serve without a row, or not serve. */
  readonly whenFull: "drop" | "refuse";
}

export interface Storage {
  /** `TOLLGATE_DATA_DIR`, absolute. */
  readonly dataDir: string;
  /** `DATABASE_URL`: a Postgres; undefined: files in the data directory. For `databaseFor` alone: it may hold a password. */
  readonly databaseUrl: string | undefined;
  /** Undefined when `TOLLGATE_LEDGER` is `off`. */
  readonly ledger: LedgerSettings | undefined;
}

/** Those that say where things are: commands need no others. */
export const storageNames = ["DATABASE_URL", "TOLLGATE_DATA_DIR"] as const;

const dayMs = 86_400_000;
const GIB = 1_073_741_824;
const longestRetentionDays = 36_500;
const smallestSpoolBytes = 1_048_576;

// The value may hold a password: no message repeats it.
const databaseUrl = z.string().refine(isPostgres, "must be a URL that begins with postgres://");

const retention = z.string().transform((text, context): number | null => {
  if (text === "forever") return null;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  if (days !== undefined && Number(days) >= 1 && Number(days) <= longestRetentionDays)
    return Number(days) * dayMs;
  context.addIssue({ code: "custom", message: "must be a number of days such as 400d, or forever" });
  return z.NEVER;
});

const spoolBytes = z
  .string()
  .regex(/^\d{1,15}$/, `must be a whole number from ${smallestSpoolBytes}`)
  .transform(Number)
  .refine((bytes) => bytes >= smallestSpoolBytes, `must be a whole number from ${smallestSpoolBytes}`);

export const storageShape = {
  DATABASE_URL: databaseUrl.optional(),
  TOLLGATE_DATA_DIR: z.string().default("./data"),
  TOLLGATE_LEDGER: z.enum(["on", "off"], "must be on or off").default("on"),
  TOLLGATE_LEDGER_RETENTION: retention.default(400 * dayMs),
  TOLLGATE_LEDGER_SPOOL_BYTES: spoolBytes.default(GIB),
  TOLLGATE_LEDGER_WHEN_FULL: z.enum(["drop", "refuse"], "must be drop or refuse").default("drop"),
};

const storageSchema = z.object(storageShape);

/** Where a part of Tollgate keeps its tables: the one Postgres, or a file of its own. */
export function databaseFor(
  { dataDir, databaseUrl }: Omit<Storage, "ledger">,
  part: "ledger",
): DatabaseLocation {
  if (databaseUrl !== undefined) return { kind: "postgres", url: databaseUrl };
  return { kind: "sqlite", file: join(dataDir, `${part}.sqlite`) };
}

export function storageOf(values: z.infer<typeof storageSchema>): Storage {
  return {
    dataDir: resolve(values.TOLLGATE_DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    ledger:
      values.TOLLGATE_LEDGER === "off"
        ? undefined
        : {
            retentionMs: values.TOLLGATE_LEDGER_RETENTION ?? undefined,
            maxSpoolBytes: values.TOLLGATE_LEDGER_SPOOL_BYTES,
            whenFull: values.TOLLGATE_LEDGER_WHEN_FULL,
          },
  };
}

function isPostgres(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
}
