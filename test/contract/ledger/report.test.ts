import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open.ts";
import { dimensionColumns, measureColumns } from "../../../src/ledger/columns.ts";
import type { LedgerEntry } from "../../../src/ledger/entry.ts";
import type { Grouping, ReportLine, ReportQuery } from "../../../src/ledger/report.ts";
import { hourMs } from "../../../src/ledger/roll-up.ts";
import { type LedgerStore, ledgerStore } from "../../../src/ledger/store.ts";
import { databases } from "./databases.ts";
import { entry, tenth } from "./entries.ts";

const groupings: readonly Grouping[] = [...dimensionColumns, "hour", "day", "month"];

/** What the report must say, added up one by one from the entries themselves. */
function expected(
  entries: readonly LedgerEntry[],
  { fromMs, toMs, by, where }: ReportQuery,
): Map<string, string> {
  const value = ({ exchange }: LedgerEntry, name: Grouping): string => {
    const time = new Date(exchange.settled_at_ms).toISOString();
    if (name === "hour") return `${time.slice(0, 13)}:00Z`;
    if (name === "day") return time.slice(0, 10);
    if (name === "month") return time.slice(0, 7);
    if (name === "model") return String(exchange["model_served"] ?? "");
    if (name === "model_asked" && exchange["provider"] === null) return "";
    return String(exchange[name] ?? "");
  };
  const sums = new Map<string, bigint[]>();
  for (const one of entries) {
    const { exchange } = one;
    if (exchange.settled_at_ms < fromMs || exchange.settled_at_ms >= toMs) continue;
    if (where.some(([name, wanted]) => value(one, name) !== wanted)) continue;
    const key = JSON.stringify(by.map((name) => value(one, name)));
    const measures: Record<string, unknown> = { ...exchange, exchanges: 1 };
    const sum = sums.get(key) ?? measureColumns.map(() => 0n);
    sums.set(
      key,
      sum.map((before, n) => before + BigInt(Number(measures[measureColumns[n] ?? ""]))),
    );
  }
  return new Map([...sums].map(([key, sum]) => [key, sum.join()]));
}

function asMap(lines: readonly ReportLine[]): Map<string, string> {
  const entries = lines.map(({ group, sums }): [string, string] => [
    JSON.stringify(group),
    measureColumns.map((name) => sums[name]).join(),
  ]);
  return new Map(entries.filter(([, sums]) => !/^[0,]+$/.test(sums)));
}

const word = fc.constantFrom(null, "a", "b", "é");
/** A few that come again and again, so that hours add up, and any. */
const dimensions = fc.oneof(
  fc.constantFrom(
    { tenant: "a", department: null, model_served: "b", provider: "openai", model_asked: "a" },
    { tenant: "a", department: "é", model_served: "b", provider: "openai", model_asked: "b" },
    { tenant: "b", department: null, model_served: null, provider: null, model_asked: "a" },
  ),
  fc.record({
    ...{ tenant: word, app: word, user_id: word, department: word, plan: word, key_id: word },
    ...{ provider: fc.constantFrom(null, "openai"), model_served: word, model_asked: word, cluster: word },
    ...{ operation: word, outcome: fc.constantFrom("finished", "cancelled") },
  }),
);
const measures = fc.record({
  ...{ estimated: fc.nat(1), unpriced: fc.nat(1), attempts: fc.nat(3), audio_ms: fc.nat() },
  ...{ input_tokens: fc.nat(3), reasoning_tokens: fc.nat() },
  ...{ provider_cost_nano_usd: fc.maxSafeNat(), charged_nano_usd: fc.maxSafeNat() },
});
const exchange = fc.record({
  atMs: fc.oneof(
    fc.integer({ min: tenth, max: tenth + 2 * hourMs }),
    fc.integer({ min: tenth - 26 * hourMs, max: tenth + 26 * hourMs }),
  ),
  row: fc.tuple(dimensions, measures).map(([names, numbers]) => ({ ...names, ...numbers })),
});
const query: fc.Arbitrary<ReportQuery> = fc.record({
  // Often within one hour, often at an hour's edge.
  fromMs: fc.oneof(
    fc.integer({ min: -27, max: 27 }).map((n) => tenth + n * hourMs),
    fc.integer({ min: tenth - 27 * hourMs, max: tenth + hourMs }),
  ),
  toMs: fc.oneof(
    fc.integer({ min: -27, max: 27 }).map((n) => tenth + n * hourMs),
    fc.integer({ min: tenth - hourMs, max: tenth + 27 * hourMs }),
  ),
  by: fc.subarray([...groupings], { maxLength: 4 }),
  where: fc.subarray(
    [
      ["tenant", "a"],
      ["department", ""],
      ["model", "b"],
    ] as const,
    { maxLength: 1 },
  ),
});

describe.each(databases)("a report from $name", { timeout: 60_000 }, ({ present, location }) => {
  async function opened(): Promise<LedgerStore> {
    const store = ledgerStore(await openDatabase(await location()));
    await store.migrate();
    return store;
  }

  it.runIf(present)("is the sum of the exchanges, whatever they are and however they came", async () => {
    const store = await opened();
    const all: LedgerEntry[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.array(exchange, { maxLength: 30 }),
        fc.array(query, { minLength: 3, maxLength: 6 }),
        async (news, queries) => {
          const entries = news.map(({ atMs, row }) => entry({}, atMs, row));
          all.push(...entries);
          // In two batches that overlap.
          await store.append(entries.slice(0, 20));
          await store.append(entries.slice(10));
          for (const asked of queries) expect(asMap(await store.report(asked))).toEqual(expected(all, asked));
        },
      ),
      { numRuns: 25 },
    );
    await store.close();
  });

  it.runIf(present)("stays exact where the sum is beyond what databases add up", async () => {
    const store = await opened();
    const most = Number.MAX_SAFE_INTEGER;
    const rows = Array.from({ length: 3_000 }, (_, n) =>
      entry({ costNanoUsd: most }, tenth, { department: `d${n % 10}` }),
    );
    await store.append(rows);
    const [line] = await store.report({ fromMs: tenth, toMs: tenth + hourMs, by: [], where: [] });
    expect(line?.sums.provider_cost_nano_usd).toBe(3_000n * BigInt(most)); // beyond 2^63
    await store.close();
  });

  it.runIf(present)("is in the order of its columns", async () => {
    const store = await opened();
    for (const [department, model] of [
      ["b", "x"],
      ["a", "y"],
      ["a", "x"],
      [null, "x"],
    ]) {
      await store.append([entry({}, tenth, { department: department ?? null, model_served: model ?? null })]);
    }
    const by: Grouping[] = ["department", "model"];
    const lines = await store.report({ fromMs: tenth, toMs: tenth + 1, by, where: [] });
    expect(lines.map(({ group }) => group.join())).toEqual([",x", "a,x", "a,y", "b,x"]);
    await store.close();
  });
});
