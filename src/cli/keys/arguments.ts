/** What commands about keys are called with. */
import type { ParseArgsConfig } from "node:util";
import { durationMs } from "../../policy/duration.ts";
import { parsedArguments, UsageError } from "../command.ts";

/** @throws UsageError */
export function parsed<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  argv: readonly string[],
  options: Options,
) {
  return parsedArguments(argv, { options, allowPositionals: true });
}

/** The one key that a command is about. */
export function onlyId(positionals: readonly string[]): string {
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new UsageError("give the id of one key");
  return id;
}

/** As in a policy: `90d`, `12h`, `30m`. */
export function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new UsageError(`${text} is no duration such as 90d, 24h or 30m`);
  return ms;
}

const date = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** A time to come: a duration from now, or a date, whose day begins in UTC. Unix milliseconds. */
export function timeToCome(text: string, nowMs: number): number {
  const ms = date.test(text) ? Date.parse(text) : nowMs + duration(text);
  if (Number.isNaN(ms)) throw new UsageError(`${text} is no date`);
  if (ms <= nowMs) throw new UsageError(`${text} is not to come`);
  return ms;
}
