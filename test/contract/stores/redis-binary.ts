/**
 * The redis-server to test with: REDIS_SERVER_BIN, one on PATH, or, as root on a Debian-like system, the package
 * `redis-server`, which is then installed without being started.
 */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const installMs = 300_000;

/** Undefined when there is none and none can be had; the reason is written to standard error. */
export async function redisBinary(): Promise<string | undefined> {
  const named = process.env["REDIS_SERVER_BIN"];
  if (named !== undefined && named !== "") return named;
  if (await runs("redis-server")) return "redis-server";
  if (process.getuid?.() === 0 && (await runs("apt-get"))) {
    process.stderr.write("installing redis-server\n");
    await install();
    if (await runs("redis-server")) return "redis-server";
  }
  const message = "no redis-server: put one on PATH or set REDIS_SERVER_BIN";
  // Where everything must hold, what cannot be tested does not.
  if (process.env["CI"]) throw new Error(message);
  process.stderr.write(`${message}; tests with Redis are skipped\n`);
  return undefined;
}

/** Several test files may come here at once: one installs, the others wait for it. */
async function install(): Promise<void> {
  const lock = join(tmpdir(), "tollgate-redis-install.lock");
  const commands = [
    "command -v redis-server && exit",
    "apt-get -q update",
    "apt-get -q install -y --no-install-recommends redis-server",
  ].join("; ");
  // At run level 1 nothing is started that was just installed.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const options = { timeout: installMs, maxBuffer: 16 << 20, env };
  await promisify(execFile)("flock", ["-w", "300", lock, "sh", "-c", commands], options).catch(
    (error: unknown) => process.stderr.write(`${String(error)}\n`),
  );
}

async function runs(command: string): Promise<boolean> {
  try {
    await promisify(execFile)(command, ["--version"], { timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
