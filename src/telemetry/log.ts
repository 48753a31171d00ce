/** The log: pino, one JSON object per line, with every line made safe by `redaction.ts`. */
import { pino } from "pino";
import { safeFields } from "./redaction.ts";

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Where lines go, each with its line feed. */
export interface LogDestination {
  write(line: string): void;
}

/** What the rest of the program may do with the log. Messages are constants; what varies is in the fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Standard output unless given. */
  readonly destination?: LogDestination;
  /** Fields of every line, e.g. the worker's number. */
  readonly base?: Readonly<Record<string, string | number>>;
}

/** Bytes gathered before a write to standard output, which else happens at the end of each turn of the loop. */
const BUFFER_BYTES = 4_096;
const FLUSH_MS = 250;

/**
 * Opens the log. Standard output is written in batches, at the latest after a quarter of a second, and
 * synchronously before the process exits.
 */
export function createLog(options: LogOptions): Log {
  const destination =
    options.destination ??
    pino.destination({ fd: 1, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS, sync: false });
  return pino(
    {
      level: options.level,
      base: { ...options.base },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Words instead of pino's numbers: people and log stores read them.
      formatters: { level: (label) => ({ level: label }), log: safeFields },
      // Errors are handled with everything else.
      serializers: { err: (error: unknown) => error },
    },
    destination,
  );
}
