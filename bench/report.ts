/** The figures as text for a terminal. */
import { LATENCY_CONNECTIONS, THINK_MS } from "./latency.ts";
import { neighbours, plainThere, rival } from "./orientation.ts";
import type { Figures, LatencyFigures, RowFigures } from "./summary.ts";
import { table } from "./table.ts";

/** One row, as soon as it is measured. */
export function rowReport(row: RowFigures): string {
  const lines = row.figures.map((figures) => [
    `  ${figures.variant}`,
    String(figures.requests),
    String(figures.errors),
    ms(figures.envoyMs),
    figures.variant === "plain Envoy" ? "–" : ms(figures.tollgateMs),
    ms(figures.sumMs),
    `±${Math.round(figures.spread * 100)} %`,
    ratio(figures.toPlain),
    ratio(figures.toBaseline),
  ]);
  const head = [`${row.title}, ${row.connections} connections`, "requests", "errors"];
  head.push("Envoy ms", "Tollgate ms", "sum ms", "spread", "to plain", "to baseline");
  const wrong = row.figures.filter(({ errors }) => errors > 0);
  return [
    table([head, ...lines]),
    ...elsewhere(row.id),
    ...wrong.map(({ variant, firstError }) => `  first error of ${variant}: ${firstError}`),
    "",
  ].join("\n");
}

/** Nothing where the neighbours were not measured. */
function elsewhere(id: string): string[] {
  const known = neighbours.filter(({ cpuMs }) => cpuMs[id] !== undefined);
  if (known.length === 0) return [];
  return [`  elsewhere: ${known.map(({ name, cpuMs }) => `${name} ${cpuMs[id]}`).join(" · ")}`];
}

/** All rows side by side, with the neighbours' and with what is asked of us. */
export function overview(rows: readonly RowFigures[]): string {
  const head = ["CPU ms (to plain)", ...rows.map(({ title }) => title)];
  const names = rows[0]?.figures.map(({ variant }) => variant) ?? [];
  const here = names.map((name) => [
    `  ${name}`,
    ...rows.map((row) => {
      const figures = row.figures.find(({ variant }) => variant === name);
      return figures === undefined ? "" : `${ms(figures.sumMs)} ${ratio(figures.toPlain)}`;
    }),
  ]);
  const there = neighbours.map(({ name, cpuMs }) => [
    `  ${name}`,
    ...rows.map(({ id }) => {
      const known = cpuMs[id];
      return known === undefined ? "–" : `${known} ${ratio(known / (plainThere.cpuMs[id] ?? 0))}`;
    }),
  ]);
  const asked = [["below the rival", ...rows.map(verdict)]];
  return [
    `CPU milliseconds per exchange of all the gateway's processes, and their ratio to plain Envoy's.`,
    `The rival is ${rival.name}: undercut in milliseconds? in ratio to plain Envoy?`,
    table([head, ["here"], ...here, ["elsewhere"], ...there, ...asked]),
  ].join("\n");
}

export function latencyReport(latencies: readonly LatencyFigures[]): string {
  const plain = latencies.find(({ variant }) => variant === "plain Envoy");
  const think = `thinking ${THINK_MS.join("–")} ms between calls`;
  const head = [`1 kB → OpenAI, ${LATENCY_CONNECTIONS} connections, ${think}`, "requests", "errors"];
  head.push("p50 ms", "p99 ms", "added p50", "added p99");
  const lines = latencies.map((figures) => [
    `  ${figures.variant}`,
    String(figures.requests),
    String(figures.errors),
    figures.p50.toFixed(2),
    figures.p99.toFixed(2),
    plain === undefined || figures === plain ? "–" : (figures.p50 - plain.p50).toFixed(2),
    plain === undefined || figures === plain ? "–" : (figures.p99 - plain.p99).toFixed(2),
  ]);
  return `${table([head, ...lines])}\n  asked for: added p50 under 1 ms\n`;
}

function verdict(row: RowFigures): string {
  const figures: Figures | undefined = row.figures.find(({ variant }) => variant === "Tollgate");
  const theirs = rival.cpuMs[row.id];
  const theirPlain = plainThere.cpuMs[row.id];
  if (figures?.toPlain === undefined || theirs === undefined || theirPlain === undefined) return "–";
  const answers = [figures.sumMs < theirs, figures.toPlain < theirs / theirPlain];
  return answers.map((answer) => (answer ? "yes" : "NO")).join(" ");
}

/** Three significant digits. */
function ms(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

function ratio(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "–" : `×${value.toFixed(2)}`;
}
