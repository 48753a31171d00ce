import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../src/cli/demo/port.ts";
import { PACKAGE_ROOT } from "../../src/cli/demo/sidecar.ts";
import { reasoningKey } from "../sealing.ts";
import { envoyBinary } from "./harness/envoy.ts";

const COMMAND = join(PACKAGE_ROOT, "dist", "cli", "tollgate.js");

/** The demo as a newcomer runs it, without keys. */
async function demo(...args: string[]) {
  const { OPENAI_API_KEY: _openai, ANTHROPIC_API_KEY: _anthropic, ...env } = process.env;
  const dataDir = await mkdtemp(join(tmpdir(), "tollgate-data-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const ours = { TOLLGATE_DATA_DIR: dataDir, TOLLGATE_REASONING_KEY: reasoningKey.toString("hex") };
  const child = spawn(process.execPath, [COMMAND, "demo", ...args], {
    env: { ...env, ENVOY_BIN: await envoyBinary(), ...ours },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  onTestFinished(() => void child.kill("SIGKILL"));
  const pid = child.pid ?? 0;
  return {
    code,
    output: () => output,
    signal: (name: NodeJS.Signals) => child.kill(name),
    /** Processes that it started and that live, by id. */
    children: async () =>
      (await processes()).filter(({ parent }) => parent === pid).map((found) => found.pid),
    until: async (text: string) => {
      for (let waited = 0; !output.includes(text); waited += 50) {
        if (waited > 20_000) throw new Error(`no ${text} in:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

/** What a shell makes of a printed line, so that its quoting is tried without needing curl. */
async function argumentsOf(line: string): Promise<string[]> {
  const script = `curl() { for each; do printf '%s\\0' "$each"; done; }\n${line}`;
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", script]);
  return stdout.split("\0").slice(0, -1);
}

/** Every process that runs; one that init has yet to bury does not. From /proc: a small machine has no `ps`. */
async function processes(): Promise<Array<{ pid: number; parent: number }>> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    names.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => "")),
  );
  return stats.flatMap((stat) => {
    const [, pid, state, parent] = /^(\d+) \(.*\) (\w) (\d+)/s.exec(stat) ?? [];
    return state === undefined || state === "Z" ? [] : [{ pid: Number(pid), parent: Number(parent) }];
  });
}

async function alive(pids: readonly number[]): Promise<number[]> {
  return (await processes()).map(({ pid }) => pid).filter((pid) => pids.includes(pid));
}

test("prints calls that work as printed, from a port that is free, and leaves nothing behind", async () => {
  const busy = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => busy.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void busy.close());
  const running = await demo("--port", String(port));
  await running.until("Ctrl-C stops everything.");
  expect(running.output()).not.toContain(`127.0.0.1:${port}/`);
  const lines = running
    .output()
    .split("\n")
    .filter((line) => line.trim().startsWith("curl "));
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const [flag, url = "", ...rest] = await argumentsOf(line);
    expect(flag).toBe("-i");
    const headers = rest.flatMap((value, at) => (rest[at - 1] === "-H" ? [value.split(": ")] : []));
    const body = rest[rest.indexOf("-d") + 1] ?? "";
    const response = await fetch(url, { method: "POST", headers: Object.fromEntries(headers), body });
    expect(response.status).toBe(200);
    const expected = body.includes("claude") ? /^claude\b/ : /^openai\b/;
    expect(response.headers.get("x-tollgate-target")).toMatch(expected);
    expect(Number(response.headers.get("x-tollgate-cost"))).toBeGreaterThan(0);
    expect(await response.text()).toContain("stand-in");
  }
  const children = await running.children();
  expect(children.length).toBeGreaterThanOrEqual(2);
  running.signal("SIGINT");
  expect(await running.code).toBe(0);
  expect(await alive(children)).toEqual([]);
});

test("--check makes the calls itself", async () => {
  const running = await demo("--check", "--port", String(await freePort()));
  expect([await running.code, running.output()]).toEqual([
    0,
    expect.stringContaining("ok   Anthropic call: 200"),
  ]);
  expect(running.output()).not.toContain("FAIL");
});

test("its children end with it, also when it is killed, and it ends with them", async () => {
  const killed = await demo("--port", String(await freePort()));
  await killed.until("Ctrl-C");
  const orphans = await killed.children();
  killed.signal("SIGKILL");
  await killed.code;
  await expect.poll(() => alive(orphans), { timeout: 8_000 }).toEqual([]);

  const bereft = await demo("--port", String(await freePort()));
  await bereft.until("Ctrl-C");
  for (const child of await bereft.children()) process.kill(child, "SIGKILL");
  expect(await bereft.code).toBe(1);
  expect(bereft.output()).toMatch(/(envoy|tollgate) was ended by SIGKILL/);
});

test("says what is wrong with its arguments, and when there is no Envoy", async () => {
  const wrong = await demo("--prot", "1");
  expect([await wrong.code, wrong.output()]).toEqual([2, expect.stringContaining("--prot")]);
  const env = { ...process.env, ENVOY_BIN: "/nowhere/envoy" };
  const failed = await promisify(execFile)(process.execPath, [COMMAND, "demo"], { env }).catch(
    (error) => error,
  );
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("ENVOY_BIN=/nowhere/envoy")]);
});
