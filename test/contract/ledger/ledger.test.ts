import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exchangeRecord } from "../../unit/telemetry/records.ts";
import { databases } from "./databases.ts";
import { entry } from "./entries.ts";
import { counted, dataDir, ledgerIn, until } from "./ledgers.ts";

let ids = 0;
const record = (changes = {}) => exchangeRecord({ id: `recorded-${++ids}`, costNanoUsd: 1, ...changes });
const left = (folder: string) => readdirSync(join(folder, "spool"));

describe.each(databases)("the ledger with $name", { timeout: 60_000 }, ({ present, location }) => {
  it.runIf(present)("stores what it is told within a moment, and leaves nothing behind", async () => {
    const [folder, where] = [dataDir(), await location()];
    const { ledger, told } = ledgerIn(folder, where);
    for (let n = 0; n < 2_500; n++) ledger.record(record());
    ledger.record(record({ outcome: "passed-through" }));
    await until(() => told.metric("tollgate_ledger_rows_total", "stored").then((rows) => rows === 2_500));
    expect(await counted(where)).toEqual({ rows: 2_500, cost: 2_500n });
    await ledger.close();
    expect(left(folder)).toEqual([]);
    expect(told.lines).toEqual([]);
    expect(await told.metric("tollgate_ledger_backlog_bytes")).toBe(0);
  });

  it.runIf(present)("stores on closing what came last", async () => {
    const [folder, where] = [dataDir(), await location()];
    const { ledger } = ledgerIn(folder, where);
    for (let n = 0; n < 100; n++) ledger.record(record());
    await ledger.close();
    expect(await counted(where)).toEqual({ rows: 100, cost: 100n });
    expect(left(folder)).toEqual([]);
  });

  it.runIf(present)("is written by several processes' ledgers at once", async () => {
    const [folder, where] = [dataDir(), await location()];
    const ledgers = Array.from({ length: 4 }, () => ledgerIn(folder, where));
    for (let n = 0; n < 4_000; n++) ledgers[n % 4]?.ledger.record(record());
    await Promise.all(ledgers.map(({ ledger }) => ledger.close()));
    expect(await counted(where)).toEqual({ rows: 4_000, cost: 4_000n });
    expect(ledgers.flatMap(({ told }) => told.lines)).toEqual([]);
    expect(left(folder)).toEqual([]);
  });

  it.runIf(present)(
    "takes over what a process left that was killed, its torn last line told of",
    async () => {
      const [folder, where] = [dataDir(), await location()];
      const orphan = join(folder, "spool", "1-1-abc");
      mkdirSync(orphan, { recursive: true });
      const lines = Array.from({ length: 7 }, () => `${JSON.stringify(entry({ costNanoUsd: 3 }))}\n`);
      writeFileSync(join(orphan, "000000001.rows"), lines.slice(0, 5).join(""));
      writeFileSync(join(orphan, "000000002.rows"), `${lines.slice(3).join("")}${lines[0]?.slice(0, 300)}`);
      writeFileSync(
        join(orphan, "sign.json"),
        JSON.stringify({ atMs: 1_764_000_000_000, openExchanges: 12 }),
      );
      const { ledger, told } = ledgerIn(folder, where);
      await until(() => !left(folder).includes("1-1-abc"));
      expect(await counted(where)).toEqual({ rows: 7, cost: 21n });
      expect(told.lines).toMatchObject([
        { level: "warn", message: "a process ended without closing its ledger", open_exchanges: 12 },
        { level: "error", message: "ledger rows lost", reason: "torn", lost_rows: 1 },
      ]);
      expect(told.lines[0]).toMatchObject({ last_sign: "2025-11-24T16:00:00.000Z" });
      expect(await told.metric("tollgate_ledger_unclean_ends_total")).toBe(1);
      expect(await told.metric("tollgate_ledger_rows_total", "known")).toBe(2);
      await ledger.close();
    },
  );

  it.runIf(present)("puts aside what the database never takes, and stores the rest", async () => {
    const [folder, where] = [dataDir(), await location()];
    const orphan = join(folder, "spool", "1-1-abc");
    mkdirSync(orphan, { recursive: true });
    const bad = entry({}, undefined, { outcome: null });
    const all = [
      ...Array.from({ length: 20 }, () => entry({ costNanoUsd: 1 })),
      bad,
      entry({ costNanoUsd: 1 }),
    ];
    writeFileSync(join(orphan, "000000001.rows"), all.map((one) => `${JSON.stringify(one)}\n`).join(""));
    writeFileSync(join(orphan, "end"), "");
    const { ledger, told } = ledgerIn(folder, where);
    await until(() => told.metric("tollgate_ledger_rows_total", "rejected").then((rows) => rows === 1));
    expect(await counted(where)).toEqual({ rows: 21, cost: 21n });
    const aside = readFileSync(join(folder, "ledger-rejected.jsonl"), "utf8");
    expect(JSON.parse(aside)).toMatchObject({ exchange: { id: bad.exchange.id } });
    expect(told.lines.map(({ message }) => message)).toEqual([
      "ledger rows taken over",
      "ledger rows rejected",
    ]);
    await ledger.close();
  });

  it.runIf(present)("gives up rows after their time", async () => {
    const [folder, where] = [dataDir(), await location()];
    const writer = ledgerIn(folder, where, { now: () => Date.UTC(2026, 0, 1) });
    for (let n = 0; n < 50; n++) writer.ledger.record(record());
    await writer.ledger.close();
    const day = 86_400_000;
    const keeper = ledgerIn(folder, where, { retentionMs: 400 * day, now: () => Date.UTC(2027, 1, 10) });
    await until(async () => (await counted(where)).rows === 0);
    await keeper.ledger.close();
  });
});
