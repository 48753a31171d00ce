/** A report as text. Money has nine digits, and every format the same sums. */
import { type Measure, measureColumns } from "../../ledger/columns.ts";
import type { ReportLine, ReportQuery } from "../../ledger/report.ts";
import { dollars } from "../../policy/money.ts";
import type { Format } from "./arguments.ts";

export interface Report {
  readonly query: ReportQuery;
  readonly by: readonly string[];
  readonly lines: readonly ReportLine[];
  readonly total: ReportLine["sums"];
}

export function formatted(report: Report, format: Format): string {
  switch (format) {
    case "table":
      return table(report);
    case "csv":
      return csv(report);
    case "json":
      return json(report);
    default:
      return format satisfies never;
  }
}

type Sums = ReportLine["sums"];

/** In the table; the other formats have all of them. */
const shownColumns: ReadonlyArray<readonly [heading: string, cell: (sums: Sums) => string]> = [
  ["exchanges", ({ exchanges }) => String(exchanges)],
  ["input tokens", (sums) => String(sums.input_tokens)],
  ["output tokens", (sums) => String(sums.output_tokens)],
  ["cost USD", (sums) => dollars(sums.provider_cost_nano_usd)],
  ["charged USD", (sums) => dollars(sums.charged_nano_usd)],
];

function table({ by, lines, total }: Report): string {
  const cells = (group: readonly string[], sums: Sums) => [
    ...group,
    ...shownColumns.map(([, cell]) => cell(sums)),
  ];
  const totals = cells(["total", ...by.slice(1).map(() => "")], total);
  const rows = [
    [...by, ...shownColumns.map(([heading]) => heading)],
    ...lines.map(({ group, sums }) => cells(group.map(shown), sums)),
    totals,
  ];
  const widths = totals.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column < by.length ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.slice(0, -1).map(line), rule, line(totals), ...notes(total)]
    .map((text) => `${text}\n`)
    .join("");
}

/** What the sums do not say. */
function notes({ estimated, unpriced }: Sums): string[] {
  const found: string[] = [];
  if (estimated > 0n) found.push(`${estimated} with tokens that no provider counted: they are estimated.`);
  if (unpriced > 0n) found.push(`${unpriced} without a known price: they add nothing to the sums.`);
  return found.length === 0 ? [] : ["", ...found];
}

/** Names come from clients: nothing in them may steer a terminal. */
function shown(text: string): string {
  return text === "" ? "-" : text.replaceAll(/\p{C}/gu, "\ufffd");
}

/** Without a line of totals, which who adds up the column would count twice. */
function csv({ by, lines }: Report): string {
  const rows = lines.map(({ group, sums }) => [
    ...group.map(quoted),
    ...measures(sums).map(([, value]) => value),
  ]);
  const heading = [...by, ...measures(lines[0]?.sums).map(([name]) => name)];
  return [heading, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

/**
 * RFC 4180. A spreadsheet takes what begins like a formula for one, whoever's name it is: an apostrophe makes it text
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function quoted(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

function json({ query, by, lines, total }: Report): string {
  const sums = (of: Sums) =>
    Object.fromEntries(
      measures(of).map(([name, text]) => [name, name.endsWith("_usd") ? text : whole(text)]),
    );
  const document = {
    from: new Date(query.fromMs).toISOString(),
    to: new Date(query.toMs).toISOString(),
    by,
    lines: lines.map(({ group, sums: own }) => ({
      ...Object.fromEntries(by.map((name, n) => [name, group[n]])),
      ...sums(own),
    })),
    total: sums(total),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Every measure by its name, money in dollars. */
function measures(sums: Sums | undefined): ReadonlyArray<readonly [name: string, value: string]> {
  return measureColumns.map((name: Measure) => {
    const value = sums?.[name] ?? 0n;
    return name.endsWith("_nano_usd")
      ? [name.replace("_nano_usd", "_usd"), dollars(value)]
      : [name, String(value)];
  });
}

/** JSON's numbers are exact up to here for whoever reads them; money is text. */
function whole(text: string): number | string {
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}
