/**
 * Hours: what the ledger sums up as it goes, so that a year's report need not read a year's exchanges. Sums are made
 * from the very rows that went in, in the same transaction, and never anew.
 */
import { createHash } from "node:crypto";
import type { Row } from "../database/database.ts";
import { type Dimension, dimensionColumns, type Measure, measureColumns } from "./columns.ts";

export const hourMs = 3_600_000;

type Sums = Record<Measure, bigint>;

/** Adds to an hour that is there already. */
export const addToHour = `ON CONFLICT (hour, key) DO UPDATE SET ${measureColumns
  .map((name) => `${name} = ledger_hourly.${name} + excluded.${name}`)
  .join(", ")}`;

/** One row for each hour and combination, in the order in which every writer locks them: no two wait for each other. */
export function hourlySums(exchanges: readonly Row[]): Row[] {
  const groups = new Map<string, { readonly hour: number; readonly dimensions: string[]; sums: Sums }>();
  for (const exchange of exchanges) {
    const hour = Math.floor(Number(exchange["settled_at_ms"]) / hourMs);
    const dimensions = dimensionColumns.map((name) => dimensionOf(exchange, name));
    const id = JSON.stringify([hour, ...dimensions]);
    const group = groups.get(id) ?? { hour, dimensions, sums: nothing() };
    groups.set(id, group);
    for (const name of measureColumns) group.sums[name] += BigInt(measureOf(exchange, name));
  }
  const rows = [...groups.values()].map(({ hour, dimensions, sums }) => ({
    hour,
    key: keyOf(dimensions),
    ...Object.fromEntries(dimensionColumns.map((name, index) => [name, dimensions[index] ?? ""])),
    ...sums,
  }));
  return rows.sort((a, b) => a.hour - b.hour || (a.key < b.key ? -1 : 1));
}

export function nothing(): Sums {
  return Object.fromEntries(measureColumns.map((name) => [name, 0n])) as Sums;
}

/** The same as SQL, for exchanges of an hour of which only a part is asked for. */
export function dimensionSql(name: Dimension): string {
  switch (name) {
    case "model":
      return "COALESCE(model_served, '')";
    case "model_asked":
      return "CASE WHEN provider IS NULL THEN '' ELSE COALESCE(model_asked, '') END";
    default:
      return `COALESCE(${name}, '')`;
  }
}

export function measureSql(name: Measure): string {
  switch (name) {
    case "exchanges":
      return "1";
    case "estimated":
    case "unpriced":
      return `CASE WHEN ${name} THEN 1 ELSE 0 END`;
    default:
      return name;
  }
}

function dimensionOf(exchange: Row, name: Dimension): string {
  switch (name) {
    case "model":
      return textOf(exchange["model_served"]);
    case "model_asked":
      // Hours are kept for ever: names that nobody served, of which clients can invent any number, are not.
      return exchange["provider"] == null ? "" : textOf(exchange["model_asked"]);
    default:
      return textOf(exchange[name]);
  }
}

function measureOf(exchange: Row, name: Measure): number {
  return name === "exchanges" ? 1 : Number(exchange[name] ?? 0);
}

/** Fourteen texts are more than an index of Postgres holds. 132 bits of a hash: no two combinations ever share one. */
function keyOf(dimensions: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(dimensions)).digest("base64url").slice(0, 22);
}

function textOf(value: Row[string] | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}
