import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { WorkerPool } from "../../../src/workers/pool.ts";

it("gives every worker the same environment, and a worker that replaces a dead one, too", async () => {
  const deaths: number[] = [];
  const pool = new WorkerPool({
    count: 2,
    program: fileURLToPath(new URL("./worker-stand-in.mjs", import.meta.url)),
    env: { TOLLGATE_REASONING_KEY: "shared" },
    died: (worker) => deaths.push(worker),
  });
  onTestFinished(() => pool.drain());
  pool.start();
  await expect.poll(() => pool.serving, { timeout: 20_000 }).toBe(true);
  expect(await pool.snapshots()).toEqual([["shared"], ["shared"]]);
  // The first snapshot was the last that the stand-ins live to give.
  await expect.poll(() => deaths.length, { timeout: 20_000 }).toBe(2);
  await expect.poll(() => pool.serving, { timeout: 20_000 }).toBe(true);
  expect(await pool.snapshots()).toEqual([["shared"], ["shared"]]);
}, 60_000);
