/** A Postgres of its own for a test: from the machine, or from Debian when it has none and we may install it. */
import { execFile, execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../../src/cli/demo/port.ts";

const run = promisify(execFile);
const root = process.getuid?.() === 0;

export interface RunningPostgres {
  readonly url: string;
  /** As when the machine that it is on goes away. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Why there is none, or where its programs are. */
type Found = { readonly bin: string } | { readonly missing: string };

let found: Found | undefined;

/** Looks once. Installing takes a minute, so suites call it outside of their tests. */
export function findPostgres(): Found {
  found ??= programs() ?? installed();
  return found;
}

function programs(): Found | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(":"),
  ];
  const bin = folders.find(
    (folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  );
  return bin === undefined ? undefined : { bin };
}

function installed(): Found {
  if (!root || !existsSync("/usr/bin/apt-get")) {
    return { missing: "Postgres is not installed, and only root on Debian could install it" };
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another suite may be installing at the same time.
  const patient = ["-o", "DPkg::Lock::Timeout=300"];
  try {
    execFileSync("apt-get", [...patient, "update", "-q"], { env, stdio: "ignore" });
    execFileSync("apt-get", [...patient, "install", "-qy", "--no-install-recommends", "postgresql"], {
      env,
      stdio: "ignore",
    });
  } catch (error) {
    return { missing: `Postgres cannot be installed: ${String(error).split("\n")[0]}` };
  }
  return programs() ?? { missing: "Postgres was installed and is not there" };
}

/** An empty database on a free port of loopback. */
export async function startPostgres(): Promise<RunningPostgres> {
  const place = findPostgres();
  if ("missing" in place) throw new Error(place.missing);
  const { bin } = place;
  const directory = mkdtempSync(join(tmpdir(), "tollgate-postgres-"));
  // It refuses to run as root.
  const [uid, gid] = root ? await Promise.all([numberOf("-u"), numberOf("-g")]) : [undefined, undefined];
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  const owner = { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
  const data = join(directory, "data");
  const port = await freePort();
  const control = (...args: string[]) =>
    run(join(bin, "pg_ctl"), ["-D", data, ...args], { cwd: directory, ...owner });
  await run(join(bin, "initdb"), ["-D", data, "-U", "gateway", "-A", "trust", "-E", "UTF8", "--no-sync"], {
    cwd: directory,
    ...owner,
  });
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${directory} -c fsync=off`;
  const resume = async (): Promise<void> => {
    await control("-w", "-o", options, "-l", join(directory, "log"), "start");
  };
  const halt = async (): Promise<void> => {
    await control("-w", "-m", "immediate", "stop");
  };
  await resume();
  return {
    url: `postgres://gateway@127.0.0.1:${port}/postgres`,
    halt,
    resume,
    async stop() {
      await halt().catch(() => undefined);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function numberOf(what: "-u" | "-g"): Promise<number> {
  return Number((await run("id", [what, "postgres"])).stdout);
}
