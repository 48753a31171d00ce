import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open.ts";
import { dataDir, ledgerIn, until } from "./ledgers.ts";

const program = join(import.meta.dirname, "recording-process.ts");

/** Ids with the Unix millisecond at which they were recorded, in order. */
type Recorded = ReadonlyArray<readonly [id: string, atMs: number]>;

async function recordUntil(signal: NodeJS.Signals, folder: string, afterMs: number): Promise<Recorded> {
  const args = ["--import", "tsx", program, folder, join(folder, "ledger.sqlite"), "2"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const said: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => said.push(text));
  await until(() => said.length > 0, 30_000);
  await sleep(afterMs);
  child.kill(signal);
  await once(child, "close");
  const lines = said.join("").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [id = "", atMs] = line.split(" ");
    return [id, Number(atMs)] as const;
  });
}

async function storedIds(folder: string): Promise<Set<string>> {
  const database = await openDatabase({ kind: "sqlite", file: join(folder, "ledger.sqlite") });
  const rows = await database.rows("SELECT id FROM ledger_exchanges");
  await database.close();
  return new Set(rows.map(({ id }) => String(id)));
}

describe("a process that records", { timeout: 90_000 }, () => {
  it("loses nothing when it is told to end", async () => {
    const folder = dataDir();
    const recorded = await recordUntil("SIGTERM", folder, 1_200);
    expect(recorded.length).toBeGreaterThan(300);
    const stored = await storedIds(folder);
    expect(recorded.filter(([id]) => !stored.has(id))).toEqual([]);
    expect(readdirSync(join(folder, "spool"))).toEqual([]);
  });

  // Moments between two stores, and in the middle of one.
  it.each([700, 1_030, 1_360])(
    "loses its last moment, and says so, when it is killed after %d ms",
    async (afterMs) => {
      const folder = dataDir();
      const recorded = await recordUntil("SIGKILL", folder, afterMs);
      expect(recorded.length).toBeGreaterThan(150);
      const { ledger, told } = ledgerIn(folder, { kind: "sqlite", file: join(folder, "ledger.sqlite") });
      await until(() => readdirSync(join(folder, "spool")).length === 1);
      await ledger.close();
      const stored = await storedIds(folder);
      const missing = recorded.filter(([id]) => !stored.has(id));
      // The last ones, of 100 ms and what a write takes on a machine that is busy with other tests.
      expect(missing).toEqual(recorded.slice(recorded.length - missing.length));
      const [killedMs, firstMissingMs] = [recorded.at(-1)?.[1] ?? 0, missing[0]?.[1]];
      expect(killedMs - (firstMissingMs ?? killedMs)).toBeLessThan(500);
      expect(told.lines[0]).toMatchObject({
        level: "warn",
        message: "a process ended without closing its ledger",
        open_exchanges: 3,
      });
      expect(Date.parse(String(told.lines[0]?.["last_sign"]))).toBeGreaterThan(killedMs - 2_000);
      expect(await told.metric("tollgate_ledger_unclean_ends_total")).toBe(1);
    },
  );
});
