/**
 * What others took on a machine like the one this was written on: CPU milliseconds per exchange of all the
 * gateway's processes, in the same rows. They say where the neighbourhood is; compare ratios to plain Envoy, which
 * travel better between machines than milliseconds.
 */
export interface Neighbour {
  readonly name: string;
  /** By row id. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

const rowIds = [
  "1kb-openai",
  "32kb-openai",
  "1mb-openai",
  "1kb-anthropic",
  "stream-openai",
  "stream-anthropic",
];

export const plainThere = neighbour("plain Envoy", [0.16, 0.2, 0.86, 0.14, 16, 16]);
/** To be undercut in every row. */
export const rival = neighbour("Envoy AI Gateway", [1.03, 1.41, 9.7, 1.19, 54, 58]);

export const neighbours: readonly Neighbour[] = [
  plainThere,
  neighbour("no-op, grpc-js", [0.76, 1.03, 6.4, 0.56, 47, 45]),
  neighbour("no-op, http2", [0.58, 0.96, 17, 0.56, 41, 37]),
  rival,
  neighbour("Portkey", [2.6, 4.1, 36, 2.2, 59, 68]),
  neighbour("LiteLLM", [26, 40, 34, 16, 361, 402]),
];

function neighbour(name: string, figures: readonly number[]): Neighbour {
  return { name, cpuMs: Object.fromEntries(rowIds.map((id, index) => [id, figures[index] ?? Number.NaN])) };
}
