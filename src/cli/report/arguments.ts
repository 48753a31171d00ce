/** What is asked of a report. */
import { type Dimension, dimensionColumns } from "../../ledger/columns.ts";
import type { Grouping, ReportQuery } from "../../ledger/report.ts";
import { suggestion } from "../../policy/suggestion.ts";
import { parsedArguments, UsageError } from "../command.ts";
import { instant, monthOf } from "./period.ts";

export const formats = ["table", "csv", "json"] as const;
export type Format = (typeof formats)[number];

export interface Wanted {
  readonly query: ReportQuery;
  /** The columns as they were asked for. */
  readonly by: readonly string[];
  readonly format: Format;
}

const defaultBy = "department,app,model";

/** By the names that the policy has for them, and that people ask with. */
const dimensions: ReadonlyMap<string, Dimension> = new Map([
  ...dimensionColumns.map((name): [string, Dimension] => [name, name]),
  ["user", "user_id"],
  ["key", "key_id"],
]);
const groupings: ReadonlyMap<string, Grouping> = new Map<string, Grouping>([
  ...dimensions,
  ["hour", "hour"],
  ["day", "day"],
  ["month", "month"],
]);

/** For the usage text. */
export const groupingNames = [...groupings.keys()].filter((name) => name !== "user_id" && name !== "key_id");

/** @throws UsageError */
export function wantedIn(argv: readonly string[], nowMs: number): Wanted {
  const { values } = parsed(argv);
  const by = values.by.split(",").map((name) => name.trim());
  const grouped = by.map((name) => found(groupings, name, "--by"));
  if (new Set(grouped).size < grouped.length) throw new UsageError("--by names a column twice");
  const tenant = values.tenant === undefined ? [] : [`tenant=${values.tenant}`];
  const where = [...tenant, ...values.where].map(condition);
  const format = formats.find((name) => name === values.format);
  if (format === undefined) {
    throw new UsageError(`--format ${values.format}: must be one of ${formats.join(", ")}`);
  }
  return { query: { ...period(values, nowMs), by: grouped, where }, by, format };
}

function parsed(argv: readonly string[]) {
  return parsedArguments(argv, {
    options: {
      by: { type: "string", default: defaultBy },
      month: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      tenant: { type: "string" },
      where: { type: "string", multiple: true, default: [] },
      format: { type: "string", default: "table" },
    },
  });
}

function condition(text: string): readonly [Dimension, string] {
  const equals = text.indexOf("=");
  if (equals < 0) throw new UsageError(`--where ${text}: must be COLUMN=VALUE`);
  return [found(dimensions, text.slice(0, equals).trim(), "--where"), text.slice(equals + 1)];
}

function found<Column>(columns: ReadonlyMap<string, Column>, name: string, option: string): Column {
  const column = columns.get(name);
  if (column !== undefined) return column;
  throw new UsageError(`${option}: there is no column ${name}${suggestion(name, columns.keys())}`);
}

interface PeriodOptions {
  readonly month?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

function period({ month, from, to }: PeriodOptions, nowMs: number): Pick<ReportQuery, "fromMs" | "toMs"> {
  if (from === undefined && to === undefined) {
    const whole = monthOf(month ?? new Date(nowMs).toISOString().slice(0, 7));
    if (whole === undefined) throw new UsageError(`--month ${month}: must be like 2026-11`);
    return whole;
  }
  if (month !== undefined) throw new UsageError("--month goes without --from and --to");
  if (from === undefined) throw new UsageError("--to needs --from");
  const fromMs = instant(from);
  const toMs = to === undefined ? nowMs : instant(to);
  for (const [option, text, ms] of [
    ["--from", from, fromMs],
    ["--to", to, toMs],
  ] as const) {
    if (ms === undefined) {
      throw new UsageError(`${option} ${text}: must be like 2026-11-01 (UTC) or 2026-11-01T00:00+01:00`);
    }
  }
  if (fromMs === undefined || toMs === undefined) throw new UsageError("a time is missing");
  if (fromMs >= toMs) throw new UsageError("--from must be before --to");
  return { fromMs, toMs };
}
