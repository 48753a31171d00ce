/**
 * Sums over a time: whole hours from the roll-ups, the rest of an hour at either end from the exchanges themselves. Both
 * are made from the same rows by the same rules, so they add up to the nano-dollar.
 */
import type { Database, Value } from "../database/database.ts";
import { type Dimension, dimensionColumns, type Measure, measureColumns } from "./columns.ts";
import { purgedBefore } from "./retention.ts";
import { dimensionSql, hourMs, measureSql, nothing } from "./roll-up.ts";

/** What lines are told apart by. Times are UTC. */
export type Grouping = Dimension | "hour" | "day" | "month";

export interface ReportQuery {
  /** Unix milliseconds; the end is not part of it. By when exchanges ended. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly by: readonly Grouping[];
  /** Only exchanges with these. */
  readonly where: ReadonlyArray<readonly [Dimension, string]>;
}

export interface ReportLine {
  /** One text for each of `by`. */
  readonly group: readonly string[];
  readonly sums: Readonly<Record<Measure, bigint>>;
}

/** What cannot be answered; the message is for the person who asked. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}

const mostLines = 200_000;
/** SQLite's sums end at 2^63, nine billion dollars; of two halves they never get there. */
const half = 1_000_000_000n;

export async function reportLines(database: Database, query: ReportQuery): Promise<ReportLine[]> {
  const firstHour = Math.ceil(query.fromMs / hourMs);
  const endHour = Math.floor(query.toMs / hourMs);
  const lines = new Map<string, { readonly group: string[]; readonly sums: Record<Measure, bigint> }>();
  for (const span of spans(query, firstHour, endHour)) {
    if (span.table === "ledger_exchanges" && span.from < (await purgedBefore(database))) {
      throw new ReportError(
        "a part of an hour is asked for whose exchanges are no longer kept: ask for whole hours (UTC)",
      );
    }
    for (const row of await database.rows(...statement(query, span))) {
      const group = query.by.map((name) => groupText(name, row[`g_${name}`] ?? ""));
      const id = JSON.stringify(group);
      const line = lines.get(id) ?? { group, sums: nothing() };
      lines.set(id, line);
      for (const name of measureColumns) {
        line.sums[name] += BigInt(row[`${name}_high`] ?? 0) * half + BigInt(row[`${name}_low`] ?? 0);
      }
    }
    if (lines.size > mostLines) {
      throw new ReportError(`more than ${mostLines} lines: ask for fewer columns or a shorter time`);
    }
  }
  return [...lines.values()].sort((a, b) => compare(a.group, b.group));
}

type Span =
  | { readonly table: "ledger_hourly"; readonly from: number; readonly to: number }
  | { readonly table: "ledger_exchanges"; readonly from: number; readonly to: number };

function spans({ fromMs, toMs }: ReportQuery, firstHour: number, endHour: number): Span[] {
  const rows = (from: number, to: number): Span[] =>
    from < to ? [{ table: "ledger_exchanges", from, to }] : [];
  // Within one hour.
  if (firstHour > endHour) return rows(fromMs, toMs);
  const whole: Span[] = firstHour < endHour ? [{ table: "ledger_hourly", from: firstHour, to: endHour }] : [];
  return [...rows(fromMs, firstHour * hourMs), ...whole, ...rows(endHour * hourMs, toMs)];
}

function statement({ by, where }: ReportQuery, { table, from, to }: Span): [string, Value[]] {
  const isHourly = table === "ledger_hourly";
  const time = isHourly ? "hour" : "settled_at_ms";
  const dimension = (name: Dimension) => (isHourly ? name : dimensionSql(name));
  const groups = by.map((name) => {
    if (isDimension(name)) return `${dimension(name)} AS g_${name}`;
    const hour = isHourly ? "hour" : `(settled_at_ms / ${hourMs})`;
    return `${name === "hour" ? hour : `(${hour} / 24)`} AS g_${name}`;
  });
  const sums = measureColumns.flatMap((name) => {
    const value = isHourly ? name : `(${measureSql(name)})`;
    return [`SUM(${value} / ${half}) AS ${name}_high`, `SUM(${value} % ${half}) AS ${name}_low`];
  });
  const conditions = where.map(([name], index) => ` AND ${dimension(name)} = $${index + 3}`).join("");
  const grouping = by.length === 0 ? "" : ` GROUP BY ${by.map((_, index) => index + 1).join(", ")}`;
  return [
    `SELECT ${[...groups, ...sums].join(", ")} FROM ${table} WHERE ${time} >= $1 AND ${time} < $2${conditions}${grouping} LIMIT ${mostLines + 1}`,
    [from, to, ...where.map(([, value]) => value)],
  ];
}

function isDimension(name: Grouping): name is Dimension {
  return dimensionColumns.some((column) => column === name);
}

/** A month is made of its days: databases do not agree on how to cut one. */
function groupText(name: Grouping, value: string | number | bigint): string {
  if (isDimension(name)) return String(value);
  const unit = name === "hour" ? hourMs : 24 * hourMs;
  const text = new Date(Number(value) * unit).toISOString();
  switch (name) {
    case "hour":
      return `${text.slice(0, 13)}:00Z`;
    case "day":
      return text.slice(0, 10);
    case "month":
      return text.slice(0, 7);
    default:
      return name satisfies never;
  }
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? "";
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}
