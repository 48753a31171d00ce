/**
 * A Postgres for tests: a cluster of its own in a temporary folder, from the machine's binaries, which are installed from
 * Debian's packages when they are missing and we may. Undefined where neither is possible: tests of it are then skipped.
 */
import { execFile, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "../../../src/cli/demo/port.ts";

export interface RunningPostgres {
  /** Of a new, empty database in it. */
  database(): Promise<string>;
  /** Like pulling the plug, for as long as it takes to start again. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const installTimeoutMs = 240_000;
const startTimeoutMs = 30_000;

export async function startPostgres(): Promise<RunningPostgres | undefined> {
  const folder = binaries() ?? (await installed());
  if (folder === undefined) return undefined;
  const data = mkdtempSync(join(tmpdir(), "tollgate-postgres-"));
  // It refuses to run as root.
  const owner = process.getuid?.() === 0 ? await account("postgres") : {};
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(data, owner.uid, owner.gid);
  const options = { ...owner, cwd: data, env: { ...process.env, LC_ALL: "C.UTF-8" } };
  const initial = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"];
  await run(join(folder, "initdb"), initial, options);
  const port = await freePort();
  const url = (name: string) => `postgres://postgres@127.0.0.1:${port}/${name}`;
  let server: ReturnType<typeof spawn> | undefined;
  let databases = 0;

  async function start(): Promise<void> {
    const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${data}`, "fsync=off"];
    const args = ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
    server = spawn(join(folder ?? "", "postgres"), args, { ...options, stdio: "ignore" });
    const deadline = Date.now() + startTimeoutMs;
    while (!(await answers(url("postgres")))) {
      if (Date.now() > deadline) throw new Error("Postgres does not start");
      await sleep(50);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server;
    if (ending === undefined || ending.exitCode !== null) return;
    const exited = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill(signal);
    await exited;
  }

  await start();
  return {
    start,
    async database() {
      const name = `test_${++databases}`;
      const client = new pg.Client({ connectionString: url("postgres") });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return url(name);
    },
    // "Immediate shutdown": without a word to its clients, and with a recovery at the next start.
    crash: () => end("SIGQUIT"),
    async stop() {
      await end("SIGINT");
      await rm(data, { recursive: true, force: true });
    },
  };
}

function binaries(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(debian, version, "bin"));
  const all = [...folders, ...(process.env["PATH"] ?? "").split(":")];
  return all.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

async function installed(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const waiting = ["-o", "DPkg::Lock::Timeout=200", "-q", "-y"];
  try {
    await run("apt-get", [...waiting, "update"], { env, timeout: installTimeoutMs });
    await run("apt-get", [...waiting, "install", "--no-install-recommends", "postgresql"], {
      env,
      timeout: installTimeoutMs,
      maxBuffer: 16 << 20,
    });
  } catch {
    return undefined;
  }
  return binaries();
}

async function account(name: string): Promise<{ readonly uid?: number; readonly gid?: number }> {
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => (await run("id", [flag, name])).stdout),
  );
  return { uid: Number(uid), gid: Number(gid) };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
