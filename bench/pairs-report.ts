/** The pairs as a table: clients down, targets across, and how far each is from the cheapest that translates. */
import { pairOf } from "./pairs.ts";
import type { RowFigures } from "./summary.ts";
import { table } from "./table.ts";

interface Pair {
  readonly client: string;
  readonly target: string;
  readonly kind: string;
  /** CPU milliseconds of Tollgate and Envoy together. */
  readonly sumMs: number;
}

/** Empty when no row is of a pair. */
export function pairsReport(rows: readonly RowFigures[]): string {
  const pairs = rows.flatMap(pairIn);
  const kinds = [...new Set(pairs.map(({ kind }) => kind))];
  return kinds
    .map((kind) =>
      ofKind(
        kind,
        pairs.filter((pair) => pair.kind === kind),
      ),
    )
    .join("\n\n");
}

function pairIn({ id, figures }: RowFigures): Pair[] {
  const found = pairOf(id);
  const tollgate = figures.find(({ variant }) => variant === "Tollgate");
  if (found === undefined || tollgate === undefined) return [];
  return [{ ...found, kind: id.endsWith("-stream") ? "stream" : "whole", sumMs: tollgate.sumMs }];
}

function ofKind(kind: string, pairs: readonly Pair[]): string {
  const targets = [...new Set(pairs.map(({ target }) => target))];
  const clients = [...new Set(pairs.map(({ client }) => client))];
  const cheapest = Math.min(
    ...pairs.filter(({ client, target }) => client !== target).map(({ sumMs }) => sumMs),
  );
  const lines = clients.map((client) => [
    `  ${client}`,
    ...targets.map((target) => {
      const pair = pairs.find((candidate) => candidate.client === client && candidate.target === target);
      return pair === undefined ? "" : `${pair.sumMs.toPrecision(3)} ×${(pair.sumMs / cheapest).toFixed(2)}`;
    }),
  ]);
  const title = `${kind}: CPU ms of Envoy and Tollgate, and to the cheapest pair that translates (asked for: at most ×2)`;
  return `${title}\n${table([["client ↓ target →", ...targets], ...lines])}`;
}
