import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open.ts";
import { roomInLedger } from "../../../src/ledger/rule.ts";
import { exchangeRecord } from "../../unit/telemetry/records.ts";
import { startPostgres } from "../database/postgres.ts";
import { counted, dataDir, ledgerIn, type TestLedger, until } from "./ledgers.ts";

let ids = 0;
const record = () => exchangeRecord({ id: `outage-${++ids}`, costNanoUsd: 1, chargedNanoUsd: 10 });

function recordMany({ ledger }: TestLedger, count: number): void {
  for (let n = 0; n < count; n++) ledger.record(record());
}

async function stored({ told }: TestLedger, rows: number): Promise<void> {
  await until(async () => (await told.metric("tollgate_ledger_rows_total", "stored")) === rows, 30_000);
}

const messages = ({ told }: TestLedger) => told.lines.map(({ message }) => message);
const left = (folder: string) => readdirSync(join(folder, "spool"));
const sqlite = (folder: string) => ({ kind: "sqlite", file: join(folder, "ledger.sqlite") }) as const;

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

describe("a database that is away", { timeout: 90_000 }, () => {
  it.runIf(postgres !== undefined)("gets everything when it is back", async () => {
    const [folder, url] = [dataDir(), (await postgres?.database()) ?? ""];
    const where = { kind: "postgres", url } as const;
    const one = ledgerIn(folder, where);
    recordMany(one, 50);
    await stored(one, 50);
    await postgres?.crash();
    recordMany(one, 700);
    await until(() => messages(one).includes("ledger not written"));
    recordMany(one, 50);
    await sleep(1_100);
    expect(await one.told.metric("tollgate_ledger_backlog_bytes")).toBeGreaterThan(600_000);
    expect(await one.told.metric("tollgate_ledger_backlog_seconds")).toBeGreaterThan(0.5);
    await postgres?.start();
    await stored(one, 800);
    await one.ledger.close();
    expect(await counted(where)).toEqual({ rows: 800, cost: 800n });
    expect(messages(one)).toEqual(["ledger not written", "ledger written again"]);
    expect(left(folder)).toEqual([]);
  });

  it.runIf(postgres !== undefined)(
    "at the end of the process gets everything from the next one",
    async () => {
      const [folder, url] = [dataDir(), (await postgres?.database()) ?? ""];
      const where = { kind: "postgres", url } as const;
      await postgres?.crash();
      const first = ledgerIn(folder, where);
      recordMany(first, 120);
      const started = performance.now();
      await first.ledger.close();
      expect(performance.now() - started).toBeLessThan(8_000);
      expect(messages(first).at(-1)).toBe("ledger rows left for the next start");
      expect(left(folder)).toHaveLength(1);
      await postgres?.start();
      const second = ledgerIn(folder, where);
      await until(() => left(folder).length === 1 && second.told.lines.length > 0);
      await second.ledger.close();
      expect(await counted(where)).toEqual({ rows: 120, cost: 120n });
      // In order: nothing was lost, and nobody is told that it may have been.
      expect(messages(second)).toEqual(["ledger rows taken over"]);
    },
  );

  it("busy with somebody else, is waited for", async () => {
    const folder = dataDir();
    const one = ledgerIn(folder, sqlite(folder));
    recordMany(one, 10);
    await stored(one, 10);
    const other = await openDatabase(sqlite(folder));
    await other.transaction(async () => {
      recordMany(one, 500);
      await sleep(2_500);
      expect(await one.told.metric("tollgate_ledger_rows_total", "stored")).toBe(10);
    });
    await other.close();
    await one.ledger.close();
    expect(await counted(sqlite(folder))).toEqual({ rows: 510, cost: 510n });
  });
});

/** A file system of so many kilobytes, where we may make one. */
function small(kilobytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder], { stdio: "ignore" });
    mounts.push(folder);
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) {
    execFileSync("umount", [mount]);
    rmSync(mount, { recursive: true });
  }
});

describe("a disk that is full", { timeout: 90_000 }, () => {
  const disk = small(2_048);
  const mayMount = disk !== undefined;

  it.runIf(mayMount)("keeps rows waiting in memory, and gets them when there is room", async () => {
    const folder = disk ?? "";
    const ballast = join(folder, "ballast");
    const one = ledgerIn(folder, sqlite(folder));
    recordMany(one, 10);
    await stored(one, 10);
    fill(ballast);
    recordMany(one, 400);
    await until(() => one.told.lines.filter(({ message }) => message === "ledger not written").length >= 2);
    expect(new Set(one.told.lines.map(({ where }) => where))).toEqual(new Set(["spool", "full"]));
    expect(await one.told.metric("tollgate_ledger_lost_rows_total")).toBe(0);
    rmSync(ballast);
    await stored(one, 410);
    await one.ledger.close();
    expect(await counted(sqlite(folder))).toEqual({ rows: 410, cost: 410n });
    expect(await one.told.metric("tollgate_ledger_lost_rows_total")).toBe(0);
    expect(left(folder)).toEqual([]);
  });

  it.runIf(mayMount && postgres !== undefined)(
    "does not matter while the database is elsewhere",
    async () => {
      const where = { kind: "postgres", url: (await postgres?.database()) ?? "" } as const;
      const folder = small(256) ?? "";
      const one = ledgerIn(folder, where);
      fill(join(folder, "ballast"));
      recordMany(one, 900);
      await stored(one, 900);
      expect(await counted(where)).toEqual({ rows: 900, cost: 900n });
      await one.ledger.close();
      expect(await one.told.metric("tollgate_ledger_lost_rows_total")).toBe(0);
    },
  );
});

function fill(file: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (let n = 0; n < 1_000; n++) writeFileSync(file, Buffer.alloc(size), { flag: "a" });
    } catch {
      // Full, as far as pieces of that size go.
    }
  }
}

describe("a spool that has reached its limit", { timeout: 60_000 }, () => {
  /** Nothing is ever stored: the database is a folder that is not there. */
  function hopeless(maxPendingBytes: number): TestLedger {
    const folder = dataDir();
    const nowhere = { kind: "sqlite", file: join(folder, "missing", "ledger.sqlite") } as const;
    return ledgerIn(folder, nowhere, { maxSpoolBytes: 100_000, maxPendingBytes });
  }

  it("loses rows then, and says how many and what they were charged", async () => {
    const one = hopeless(50_000);
    for (let n = 0; n < 20; n++) {
      recordMany(one, 20);
      await sleep(30);
    }
    const lost = await one.told.metric("tollgate_ledger_lost_rows_total", "full");
    // 150 kB of rows of some 1.1 kB are kept.
    expect(lost).toBeGreaterThan(200);
    expect(lost).toBeLessThan(300);
    expect(await one.told.metric("tollgate_ledger_lost_nano_usd_total")).toBe(10 * lost);
    await one.ledger.close();
    const told = one.told.lines.filter(({ message }) => message === "ledger rows lost");
    expect(told[0]).toMatchObject({ level: "error", reason: "full" });
    expect(await one.told.metric("tollgate_ledger_lost_rows_total", "full")).toBeGreaterThan(lost);
  });

  it("refuses calls before it loses anything, if that is asked for", async () => {
    const one = hopeless(50_000);
    const hooks = roomInLedger(one.ledger).open({} as never);
    let refused: unknown;
    for (let n = 0; n < 400 && refused === undefined; n++) {
      recordMany(one, 5);
      await sleep(5);
      refused = hooks?.arrive?.();
    }
    expect(refused).toMatchObject({ reason: "ledger_full", error: { kind: "unavailable", status: 503 } });
    expect(await one.told.metric("tollgate_ledger_lost_rows_total")).toBe(0);
    await one.ledger.close();
  });
});
