/** What a run of the bench does, from its command line. */
import { parseArgs } from "node:util";
import { pairRows } from "./pairs.ts";
import { type Row, rows } from "./rows.ts";

export interface Plan {
  /** Rounds of each whole-answer row; every round measures every variant once. */
  readonly wholeRounds: number;
  readonly streamRounds: number;
  /** Of each row's own batch size. */
  readonly batchShare: number;
  readonly latencyRounds: number;
  /** Of one latency measurement of one variant. Milliseconds. */
  readonly latencyMs: number;
  /** No round but the first of each row is begun after this, counted from the first. Milliseconds. */
  readonly budgetMs: number;
}

export interface Settings {
  readonly plan: Plan;
  readonly rows: readonly Row[];
  /** A git revision, to be built and measured beside this tree. */
  readonly baseline: string | undefined;
  readonly jsonFile: string | undefined;
  /** Plain Envoy only: what the machine itself gives, and how steadily. */
  readonly plainOnly: boolean;
  /** Where V8 CPU profiles of Tollgate go, one for each row. */
  readonly profileDirectory: string | undefined;
}

const DEFAULT_PLAN: Plan = {
  wholeRounds: 5,
  streamRounds: 3,
  batchShare: 1,
  latencyRounds: 3,
  latencyMs: 2_500,
  budgetMs: 280_000,
};

const QUICK_PLAN: Plan = {
  wholeRounds: 1,
  streamRounds: 1,
  batchShare: 0.5,
  latencyRounds: 1,
  latencyMs: 1_500,
  budgetMs: 30_000,
};

/** Forty rows: fewer rounds, more time. */
const PAIRS_PLAN: Plan = {
  ...DEFAULT_PLAN,
  wholeRounds: 3,
  streamRounds: 1,
  latencyRounds: 1,
  budgetMs: 600_000,
};

const USAGE = `npm run bench -- [--quick] [--pairs] [--baseline <git-rev>] [--rows <id,id>] [--json <file>]
                 [--plain-only] [--profile <directory>]

rows: ${rows.map((row) => row.id).join(", ")}
pairs: pair-{chat,responses,anthropic,gemini}-{chat,responses,anthropic,gemini,bedrock}-{whole,stream}`;

/** Throws an error with a message for the operator when an option or a row is unknown. */
export function readSettings(args: readonly string[]): Settings {
  const values = parsed(args);
  const plan = values.pairs ? PAIRS_PLAN : DEFAULT_PLAN;
  const all = values.pairs ? pairRows : rows;
  return {
    plan: values.quick ? QUICK_PLAN : plan,
    rows: values.rows === undefined ? all : chosen(values.rows.split(",")),
    baseline: values.baseline,
    jsonFile: values.json,
    plainOnly: values["plain-only"],
    profileDirectory: values.profile,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        pairs: { type: "boolean", default: false },
        baseline: { type: "string" },
        json: { type: "string" },
        rows: { type: "string" },
        "plain-only": { type: "boolean", default: false },
        profile: { type: "string" },
      },
    }).values;
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`, { cause });
  }
}

function chosen(ids: readonly string[]): readonly Row[] {
  return ids.map((id) => {
    const row = [...rows, ...pairRows].find((candidate) => candidate.id === id);
    if (row === undefined) throw new Error(`no row ${id}\n${USAGE}`);
    return row;
  });
}
