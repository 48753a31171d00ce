/** The measurement: rounds in which every variant has its turn, so that what the machine does meets all alike. */
import { cpuMs } from "./cpu.ts";
import { type LatencySample, sampleLatency } from "./latency.ts";
import { type Batch, pause, runBatch } from "./load.ts";
import type { Row } from "./rows.ts";
import type { Plan } from "./settings.ts";
import type { Variant } from "./variant.ts";

/** One batch of one variant. */
export interface Measurement extends Batch {
  /** CPU time per exchange. Milliseconds. */
  readonly envoyMs: number;
  /** Zero for plain Envoy. */
  readonly tollgateMs: number;
}

export type Measured = ReadonlyMap<Variant, readonly Measurement[]>;

/** Of whole answers: a machine far slower than expected gets a smaller batch, not a longer run. */
const BATCH_LIMIT_MS = 12_000;
/** Settlement and the last writes fall due after the client has its answer. */
const SETTLE_MS = 100;
const WARM_UP_EXCHANGES = 4_000;
const WARM_UP_SHARE = 0.25;
const WARM_UP_PACE_MS = 1;
const STREAM_STAGGER_MS = 5;

/**
 * Rounds over all rows rather than row by row: each row's rounds are minutes apart, and when the time is over every
 * row has had its turn. A row is done after its own number of rounds; those of answers are many, of streams few.
 *
 * @param deadline on the clock of `performance`; no round but the first is begun after it
 */
export async function measureRows(
  rows: readonly Row[],
  variants: readonly Variant[],
  plan: Plan,
  deadline: number,
  say: (text: string) => void = () => {},
): Promise<ReadonlyMap<Row, Measured>> {
  const measured = new Map(
    rows.map((row) => [row, new Map(variants.map((variant) => [variant, [] as Measurement[]]))]),
  );
  const rounds = Math.max(plan.wholeRounds, plan.streamRounds);
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${round + 1} of ${rounds}`);
    // Whoever goes second meets a warmer cache and another clock speed: turn about.
    const order = round % 2 === 0 ? variants : [...variants].reverse();
    for (const [row, ofRow] of measured) {
      if (round >= (row.kind === "stream" ? plan.streamRounds : plan.wholeRounds)) continue;
      if (round > 0 && performance.now() > deadline) return measured;
      for (const variant of order) {
        await warmUp(row, variant, plan);
        ofRow.get(variant)?.push(await measure(row, variant, plan));
      }
    }
  }
  return measured;
}

export async function measureLatency(
  row: Row,
  variants: readonly Variant[],
  plan: Plan,
): Promise<ReadonlyMap<Variant, LatencySample>> {
  const samples = new Map(variants.map((variant) => [variant, { waits: [] as number[], errors: 0 }]));
  for (const variant of variants) await sampleLatency(variant, row, plan.latencyMs / 4);
  for (let round = 0; round < plan.latencyRounds; round += 1) {
    for (const [variant, sample] of samples) {
      const { waits, errors } = await sampleLatency(variant, row, plan.latencyMs);
      sample.waits.push(...waits);
      sample.errors += errors;
    }
  }
  return samples;
}

/** Until V8 has compiled what every exchange runs through: as after a minute in production. */
export async function warmUpAll(row: Row, variants: readonly Variant[], plan: Plan): Promise<void> {
  for (const variant of variants) {
    await runBatch({
      wire: variant.wire(row.connections),
      call: variant.callOf(row),
      connections: row.connections,
      requests: Math.ceil(WARM_UP_EXCHANGES * plan.batchShare),
      staggerMs: 0,
      limitMs: BATCH_LIMIT_MS,
    });
  }
}

/** Through the row's own code, after other rows have been there; streams hurry. */
async function warmUp(row: Row, variant: Variant, plan: Plan): Promise<void> {
  const wire = variant.wire(row.connections);
  await runBatch({
    wire: { ...wire, headers: { "x-bench-pace-ms": String(WARM_UP_PACE_MS) } },
    call: variant.callOf(row),
    connections: row.connections,
    requests: Math.ceil(row.batch * WARM_UP_SHARE * plan.batchShare),
    staggerMs: 0,
    limitMs: BATCH_LIMIT_MS,
  });
}

async function measure(row: Row, variant: Variant, plan: Plan): Promise<Measurement> {
  await pause(SETTLE_MS);
  const before = usage(variant);
  const batch = await runBatch({
    wire: variant.wire(row.connections),
    call: variant.callOf(row),
    connections: row.connections,
    // Fewer streams would not take less time.
    requests: row.kind === "stream" ? row.batch : Math.ceil(row.batch * plan.batchShare),
    staggerMs: row.kind === "stream" ? STREAM_STAGGER_MS : 0,
    limitMs: BATCH_LIMIT_MS,
  });
  await pause(SETTLE_MS);
  const after = usage(variant);
  return {
    ...batch,
    envoyMs: (after.envoy - before.envoy) / batch.requests,
    tollgateMs: (after.tollgate - before.tollgate) / batch.requests,
  };
}

function usage(variant: Variant): { readonly envoy: number; readonly tollgate: number } {
  return {
    envoy: cpuMs(variant.envoyPid),
    tollgate: variant.tollgatePid === undefined ? 0 : cpuMs(variant.tollgatePid),
  };
}
