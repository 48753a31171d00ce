import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../../src/cli/demo/port.ts";
import { run } from "../../../src/cli/report/run.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { startPostgres } from "../../contract/database/postgres.ts";
import { at, chat, hostPolicy, routePolicy } from "../facts/calls.ts";
import { type GatewayOptions, gateway, type RunningGateway } from "../harness/gateway.ts";
import { freeRange } from "../harness/ports.ts";
import { startTollgate } from "../harness/tollgate.ts";
import { rowsOf } from "./rows.ts";
import { answersOf, calls, type Seen } from "./traffic.ts";

// What clients saw, what Envoy logged, what our log says and what the ledger reports: one truth, to the nano-dollar.

const postgres = await startPostgres();
const folders: string[] = [];

afterAll(async () => {
  await postgres?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-ledger-"));
  folders.push(folder);
  return folder;
}

const policy = {
  ...hostPolicy,
  prices: {
    "gpt-*": { input: 2.5, output: 10.25, discount: 0.15, margin: 0.0333 },
    "claude-*": { input: 3, output: 15.5, margin: 0.1 },
  },
};

function start(env: Readonly<Record<string, string>>, more: Partial<GatewayOptions> = {}) {
  const clusters = (["openai", "claude"] as const).map((name) => ({ name, script: answersOf(name) }));
  return gateway({ clusters, policy, routePolicy, tollgate: env, ...more });
}

async function reported(
  env: Readonly<Record<string, string>>,
  by: string,
): Promise<Array<Record<string, unknown>>> {
  const out: string[] = [];
  const output = { out: (text: string) => void out.push(text), err: (text: string) => void out.push(text) };
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const period = ["--from", day(Date.now() - 86_400_000), "--to", day(Date.now() + 86_400_000)];
  expect(await run(["--by", by, ...period, "--format", "json"], output, env)).toBe(0);
  return JSON.parse(out.join("")).lines;
}

const nano = (dollars: unknown) => BigInt(String(dollars).replace(".", ""));
const sum = (numbers: Iterable<bigint>) => [...numbers].reduce((all, one) => all + one, 0n);
const logged = (running: RunningGateway) =>
  running.tollgate.log.entries.filter((line) => line["msg"] === "exchange");

const databases = [
  { name: "SQLite, one process", env: async () => ({}), present: true },
  {
    name: "SQLite, two workers",
    env: async () => ({ TOLLGATE_WORKERS: "2" }),
    present: true,
  },
  {
    name: "Postgres, two workers",
    env: async () => ({ TOLLGATE_WORKERS: "2", DATABASE_URL: (await postgres?.database()) ?? "" }),
    present: postgres !== undefined,
  },
];

describe.each(databases)("with $name", ({ env, present }) => {
  test.runIf(present)("every exchange is in the ledger once, and the report is their sum", async () => {
    const settings = { TOLLGATE_DATA_DIR: dataDir(), ...(await env()) };
    const count = Number(at(settings, "TOLLGATE_WORKERS") ?? 1);
    const port = await freeRange(count);
    const workers = Array.from({ length: count }, (_, worker) => `127.0.0.1:${port + worker}`);
    const running = await start({ ...settings, TOLLGATE_LISTEN: `127.0.0.1:${port}` }, { workers });
    try {
      const seen = await calls(running, 304, 8);
      // SIGTERM while streams are open: they are finished, and in the ledger.
      const { requests } = running.upstream("openai");
      const before = requests.length;
      const open = Array.from({ length: 6 }, async (_, index): Promise<Seen> => {
        const model = `openai-open-${index}`;
        const response = await chat(running, model, { stream: true, prompt: "kind:slow" });
        await response.arrayBuffer();
        return { kind: "stream", model, department: "", status: response.status, cost: undefined };
      });
      while (requests.length < before + open.length) await sleep(5);
      await running.tollgate.stop();
      seen.push(...(await Promise.all(open)));
      await verify(running, settings, seen);
    } finally {
      await running.stop();
    }
  });
});

async function verify(
  running: RunningGateway,
  env: Readonly<Record<string, string>>,
  seen: readonly Seen[],
): Promise<void> {
  const rows = await rowsOf(env, "SELECT * FROM ledger_exchanges");
  const byModel = new Map(rows.map((row) => [row["model_asked"], row]));
  expect(rows.map((row) => row["model_asked"]).sort()).toEqual(seen.map(({ model }) => model).sort());

  // Envoy counts them the same, and our own log too.
  const log = logged(running);
  expect(new Set(log.map((line) => line["exchange_id"]))).toEqual(new Set(rows.map((row) => row["id"])));

  // By call: its kind, its attempts, and what the client was told that it costs.
  const tries = await rowsOf(
    env,
    "SELECT exchange_id, cluster, result FROM ledger_attempts ORDER BY exchange_id, number",
  );
  for (const { kind, model, status, cost } of seen) {
    const row = byModel.get(model) ?? {};
    const attempts = tries
      .filter((one) => one["exchange_id"] === row["id"])
      .map((one) => `${one["cluster"]};${one["result"]}`);
    switch (kind) {
      case "whole":
        expect(nano(cost)).toBe(row["charged_nano_usd"]);
        expect(attempts).toEqual(["openai;200"]);
        break;
      case "stream":
        expect(row).toMatchObject({
          outcome: "finished",
          stream: 1n,
          input_tokens: 1_000n,
          output_tokens: 100n,
        });
        break;
      case "failover":
        expect(nano(cost)).toBe(row["charged_nano_usd"]);
        expect(attempts).toEqual([expect.stringMatching(/^openai;(503|failed)$/), "claude;200"]);
        break;
      case "hangup":
        expect([row["outcome"], row["estimated"], attempts.length]).toEqual(["cancelled", 1n, 1]);
        expect(row["charged_nano_usd"]).toBeGreaterThan(0n);
        break;
      case "refused":
        expect([status, row["outcome"], row["charged_nano_usd"], attempts]).toEqual([404, "refused", 0n, []]);
        break;
      default:
        kind satisfies never;
    }
  }

  // The same sums everywhere.
  const charged = sum(rows.map((row) => BigInt(row["charged_nano_usd"] ?? 0)));
  const cost = sum(rows.map((row) => BigInt(row["provider_cost_nano_usd"] ?? 0)));
  expect(charged).toBeGreaterThan(cost);
  expect(sum(log.map((line) => BigInt(Number(line["charged_nano_usd"]))))).toBe(charged);
  for (const by of ["provider,model", "outcome,route,hour", "day"]) {
    const lines = await reported(env, by);
    expect(sum(lines.map((line) => nano(line["charged_usd"])))).toBe(charged);
    expect(sum(lines.map((line) => nano(line["provider_cost_usd"])))).toBe(cost);
    expect(sum(lines.map((line) => BigInt(Number(line["exchanges"]))))).toBe(BigInt(rows.length));
  }
  // Each department pays for what its own clients asked.
  for (const line of await reported(env, "department,app")) {
    const own = seen.filter(({ department }) => department === line["department"]);
    expect(line["exchanges"]).toBe(own.length);
    expect(line["app"]).toBe(line["department"] === "" ? "" : `${line["department"]}-app`);
    expect(nano(line["charged_usd"])).toBe(
      sum(own.map(({ model }) => BigInt(byModel.get(model)?.["charged_nano_usd"] ?? 0))),
    );
  }

  const [attempted] = await rowsOf(
    env,
    "SELECT SUM(charged_nano_usd) AS charged, COUNT(*) AS n FROM ledger_attempts",
  );
  expect(attempted?.["charged"]).toBe(charged);

  // Envoy's access log has them all but those whose client hung up: nobody is left to tell it.
  const complete = rows.filter((row) => row["outcome"] !== "cancelled");
  const isOurs = (entry: JsonObject) => at(entry, "tollgate", "charged_nano_usd") !== undefined;
  const last = (entry: JsonObject) =>
    isOurs(entry) && running.envoy.accessLog().filter(isOurs).length >= complete.length;
  await running.envoy.access.find(last);
  const entries = running.envoy.accessLog().filter(isOurs);
  expect(entries.length).toBe(complete.length);
  const told = sum(entries.map((entry) => BigInt(Number(at(entry, "tollgate", "charged_nano_usd")))));
  expect(told).toBe(sum(complete.map((row) => BigInt(row["charged_nano_usd"] ?? 0))));
  const headers = sum(seen.flatMap((one) => (one.cost === undefined ? [] : [nano(one.cost)])));
  const wholes = rows.filter((row) => row["stream"] === 0n);
  expect(headers).toBe(sum(wholes.map((row) => BigInt(row["charged_nano_usd"] ?? 0))));
}

test("after a SIGKILL the next process takes over: at most the last moment is missing, and it is told of", async () => {
  const settings = { TOLLGATE_DATA_DIR: dataDir(), TOLLGATE_LISTEN: `127.0.0.1:${await freePort()}` };
  const running = await start(settings);
  let successor: Awaited<ReturnType<typeof startTollgate>> | undefined;
  try {
    const load = calls(running, 400, 6);
    await sleep(1_200);
    await running.tollgate.kill();
    const killedMs = Date.now();
    await load;
    successor = await startTollgate(settings);
    const told = await successor.log.find(
      (line) => line["msg"] === "a process ended without closing its ledger",
    );
    expect(killedMs - Date.parse(String(told["last_sign"]))).toBeLessThan(2_500);
    expect(told["open_exchanges"]).toBeGreaterThanOrEqual(0);
    await successor.stop();

    const stored = new Set((await rowsOf(settings, "SELECT id FROM ledger_exchanges")).map(({ id }) => id));
    expect(stored.size).toBeGreaterThan(20);
    const missing = running.envoy
      .accessLog()
      .filter((entry) => at(entry, "tollgate", "cost_source") !== undefined)
      .filter((entry) => !stored.has(String(at(entry, "tollgate", "exchange"))))
      .map((entry) => killedMs - (Date.parse(String(entry["time"])) + Number(entry["duration_ms"])));
    // Those that ended in the last 100 ms before, and what a write takes on a busy machine.
    for (const beforeMs of missing) expect(beforeMs).toBeLessThan(500);
    // And nothing twice.
    const lines = await reported(settings, "day");
    expect(sum(lines.map((line) => BigInt(Number(line["exchanges"]))))).toBe(BigInt(stored.size));
  } finally {
    await successor?.stop();
    await running.stop();
  }
});
